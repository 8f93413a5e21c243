import * as z from 'zod'

/**
 * One thing that was checked. `count` says how many were looked at when it holds, and how many are wrong when it does
 * not. A `fault` should never be; a `finding` may be, and somebody should know.
 */
export const LedgerCheck = z.object({
  name: z.string(),
  ok: z.boolean(),
  count: z.int().nonnegative(),
  severity: z.enum(['fault', 'finding']),
  detail: z.string().optional(),
})
export type LedgerCheck = Readonly<z.infer<typeof LedgerCheck>>

/** What verifying a ledger answers. Findings leave `ok` true. */
export const Verification = z.object({
  ok: z.boolean(),
  checks: z.array(LedgerCheck),
  /** Entries that this code could not read. */
  unrecognised: z.int().nonnegative(),
})
export type Verification = Readonly<z.infer<typeof Verification>>
