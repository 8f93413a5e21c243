import { LeaseId, Token } from '@holdfast/core'
import * as z from 'zod'
import { atLedger } from './at-ledger.ts'
import { NotHeld, QueueFull, StaleToken } from './not-held.ts'
import { Refused } from './refused.ts'

const Released = z.object({
  /** `drained`: it had been taken by force; what it kept closed is open now. */
  outcome: z.enum(['released', 'drained']),
  leaseId: LeaseId,
  token: Token,
})

/** Answer of `release`. */
export const ReleaseAnswer = z
  .discriminatedUnion('outcome', [Released, NotHeld, StaleToken, Refused, QueueFull])
  .and(z.object(atLedger))
export type ReleaseAnswer = Readonly<z.infer<typeof ReleaseAnswer>>
