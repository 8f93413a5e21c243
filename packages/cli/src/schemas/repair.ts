import * as z from 'zod'
import { atLedger } from './at-ledger.ts'

/** Answer of `repair`. */
export const RepairAnswer = z.object({ ...atLedger, skipped: z.int().nonnegative(), unreadable: z.array(z.int()) })
export type RepairAnswer = Readonly<z.infer<typeof RepairAnswer>>
