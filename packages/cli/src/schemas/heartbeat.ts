import { LeaseJson } from '@holdfast/projections'
import * as z from 'zod'
import { atLedger } from './at-ledger.ts'
import { PendingHalt } from './pending-halt.ts'
import { NotHeld, QueueFull, StaleToken } from './not-held.ts'

/** `halt`: the holder is asked to stop; the beat was taken all the same. */
const Beaten = z.object({
  outcome: z.literal('beaten'),
  coalesced: z.boolean(),
  lease: LeaseJson,
  halt: PendingHalt.nullable(),
})

/** Answer of `heartbeat`. */
export const HeartbeatAnswer = z
  .discriminatedUnion('outcome', [Beaten, NotHeld, StaleToken, QueueFull])
  .and(z.object(atLedger))
export type HeartbeatAnswer = Readonly<z.infer<typeof HeartbeatAnswer>>
