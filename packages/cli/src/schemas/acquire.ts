import { LeaseId, Token } from '@holdfast/core'
import { LeaseJson } from '@holdfast/projections'
import * as z from 'zod'
import { atLedger } from './at-ledger.ts'
import { atPlace } from './at-place.ts'
import { QueueFull } from './not-held.ts'
import { Refused } from './refused.ts'
import { warnings } from './warnings.ts'

const Granted = z.object({
  outcome: z.literal('granted'),
  lease: LeaseJson,
  /** With `--all-of`: all of them, `lease` first. */
  leases: z.array(LeaseJson).optional(),
  /** The grant of an earlier, equal request: no deadline moved. */
  repeated: z.boolean(),
  /** Expired leases that made way. */
  evicted: z.array(z.object({ leaseId: LeaseId, token: Token })),
})

/** The request id was granted once, and that lease has ended (exit 3). */
const Ended = z.object({
  outcome: z.literal('ended'),
  how: z.enum(['released', 'evicted', 'adopted', 'expired']),
  leaseId: LeaseId,
  token: Token,
})

/** Answer of `acquire`. */
export const AcquireAnswer = z
  .discriminatedUnion('outcome', [Granted, Refused, Ended, QueueFull])
  .and(z.object({ ...atLedger, ...atPlace, warnings }))
export type AcquireAnswer = Readonly<z.infer<typeof AcquireAnswer>>
