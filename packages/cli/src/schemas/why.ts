import { Holder, Lane, LeaseId, Revision, Token } from '@holdfast/core'
import { Instant, LeaseJson, LineageJson, TicketJson } from '@holdfast/projections'
import * as z from 'zod'
import { atLedger } from './at-ledger.ts'
import { LogLine } from './log.ts'
import { BlockerJson } from './refused.ts'

/** Holders that wait for each other: each for the next, the last for the first. */
const Cycle = z.array(z.object({ holder: Holder, lane: Lane, place: Revision, waitsFor: Holder, blocker: BlockerJson }))

/** One event explained: what it says, what it followed from, what came of it, and what stood in its way then. */
const WhyEvent = z.object({
  ...atLedger,
  about: z.literal('revision'),
  event: LogLine,
  /** The event that caused it. */
  causedBy: LogLine.nullable(),
  /** The leases that a refusal names, as they were when it was recorded. */
  blockers: z.array(LeaseJson),
  /** What became of a refused request: the grant that it led to. */
  grantedLater: z.object({ revision: Revision, at: Instant, leaseId: LeaseId, token: Token }).nullable(),
})

/** A lane or a lease now, and how it came to that. */
const WhyName = z.object({
  ...atLedger,
  about: z.literal('name'),
  name: z.string(),
  leases: z.array(LeaseJson),
  waiting: z.array(TicketJson),
  cycles: z.array(Cycle),
  lineage: z.array(LineageJson),
  /** The newest refusals that asked for it or that it stood in the way of. */
  refusals: z.array(LogLine),
})

/** Answer of `why`. */
export const WhyAnswer = z.discriminatedUnion('about', [WhyEvent, WhyName])
export type WhyAnswer = Readonly<z.infer<typeof WhyAnswer>>
