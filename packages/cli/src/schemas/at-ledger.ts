import { LedgerId } from '@holdfast/core'
import * as z from 'zod'

/** What every answer about a ledger carries: which one, and the newest revision that it rests on. */
export const atLedger = { ledgerId: LedgerId, head: z.int().nonnegative() } as const
