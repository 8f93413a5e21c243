import { LedgerId } from '@holdfast/core'
import * as z from 'zod'

/** What every answer about a ledger carries: which one, and the newest revision that it rests on. */
export const atLedger = {
  ledgerId: LedgerId,
  head: z.int().nonnegative(),
  /** This very command has made the ledger: there was none. */
  made: z.literal(true).optional(),
} as const
