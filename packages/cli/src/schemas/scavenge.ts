import { LeaseId, Token } from '@holdfast/core'
import { Instant } from '@holdfast/projections'
import * as z from 'zod'
import { atLedger } from './at-ledger.ts'
import { NotHeld, QueueFull, StaleToken } from './not-held.ts'
import { Refused } from './refused.ts'

const Scavenged = z.object({
  outcome: z.literal('scavenged'),
  leaseId: LeaseId,
  token: Token,
  /** Until when what it covered stays closed; `null` when it is open at once. */
  drainsUntil: Instant.nullable(),
})

/** Answer of `scavenge`. */
export const ScavengeAnswer = z
  .discriminatedUnion('outcome', [Scavenged, NotHeld, StaleToken, Refused, QueueFull])
  .and(z.object(atLedger))
export type ScavengeAnswer = Readonly<z.infer<typeof ScavengeAnswer>>
