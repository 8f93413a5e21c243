import { LedgerId } from '@holdfast/core'
import * as z from 'zod'

/** What every answer about a ledger carries: which one, and the newest revision that it rests on. */
export const atLedger = {
  ledgerId: LedgerId,
  head: z.int().nonnegative(),
  /** This very command has made the ledger: there was none. */
  made: z.literal(true).optional(),
} as const

/** Where the ledger of an answer is, and why it is the one that was meant. */
export const atPlace = {
  /** The store's URL. */
  store: z.string(),
  why: z.enum(['option', 'variable', 'work-tree', 'main-tree', 'git-directory', 'folder']),
  /** The folder that regions are relative to. */
  root: z.string(),
} as const

const AtPlace = z.object(atPlace)
export type AtPlace = Readonly<z.infer<typeof AtPlace>>

/** What was typed and may protect something else than was meant, a sentence each; absent: nothing. */
export const warnings = z.array(z.string()).optional()
