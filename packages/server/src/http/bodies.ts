import * as z from 'zod'

const name = z.string().min(1).max(256)
const token = z.int().nonnegative()
const reason = z
  .string()
  .max(64 * 1024)
  .optional()
const duration = z.union([z.string().max(64), z.int().nonnegative()])

const region = {
  /** Globs, relative to the root of the ledger. */
  region: z.array(z.string()).max(256).optional(),
  /** Files and folders taken literally. */
  paths: z.array(z.string()).max(256).optional(),
  mode: z.enum(['exclusive', 'shared']).optional(),
  kind: name.optional(),
}

/** What each command takes: the arguments and flags of the command line, by the same names. Nothing else is taken. */
export const BODIES = {
  acquire: z.strictObject({
    lane: name,
    holder: name,
    ...region,
    ttl: duration.optional(),
    /** Further lanes to try; the first free one is leased. */
    anyOf: z.array(name).max(63).optional(),
    /** Further claims; all are granted, or none. */
    allOf: z
      .array(z.strictObject({ lane: name, ...region }))
      .max(63)
      .optional(),
    runId: name.optional(),
    maxAttempts: z.int().min(1).max(1000).optional(),
    reap: z.enum(['optional', 'required']).optional(),
    reason,
  }),
  release: z.strictObject({ lane: name, holder: name, token, reason }),
  heartbeat: z.strictObject({
    lane: name,
    holder: name,
    token,
    progress: z
      .string()
      .max(64 * 1024)
      .optional(),
    /** A long step that begins now, and how long it may take. */
    activity: z.strictObject({ label: z.string().min(1).max(1024), expected: duration }).optional(),
    reason,
  }),
  adopt: z.strictObject({ lane: name, holder: name, expectToken: token, force: z.boolean().optional(), reason }),
  scavenge: z.strictObject({ lane: name, token, force: z.boolean().optional(), reason }),
  halt: z.strictObject({
    handle: z.string().min(1).max(1024),
    lane: name.optional(),
    leaseId: z.string().min(1).max(512).optional(),
    runId: name.optional(),
    reason,
  }),
  spawn: z.strictObject({ lane: name, holder: name, runId: name.optional(), ttl: duration.optional(), reason }),
  check: z.strictObject({ lane: name, token }),
} as const

export type Operation = keyof typeof BODIES
export type Body<O extends Operation> = z.infer<(typeof BODIES)[O]>
