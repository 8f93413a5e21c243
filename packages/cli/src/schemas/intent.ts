import { LeaseId, Token } from '@holdfast/core'
import * as z from 'zod'
import { atLedger } from './at-ledger.ts'
import { QueueFull } from './not-held.ts'

const Recorded = z.object({
  outcome: z.literal('recorded'),
  /** For `halt`: the lease whose holder is asked; `null` when nothing matched, so that nobody will obey. */
  bound: z.object({ leaseId: LeaseId, token: Token }).nullable(),
})

/** Answer of `halt` and of `spawn`. */
export const IntentAnswer = z.discriminatedUnion('outcome', [Recorded, QueueFull]).and(z.object(atLedger))
export type IntentAnswer = Readonly<z.infer<typeof IntentAnswer>>
