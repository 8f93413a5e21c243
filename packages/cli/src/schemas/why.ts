import { Holder, Lane, LeaseId, ProcessIdentity, Revision, Token } from '@holdfast/core'
import { DrainingJson, HaltJson, Instant, LeaseJson, LineageJson, TicketJson } from '@holdfast/projections'
import * as z from 'zod'
import { atLedger } from './at-ledger.ts'
import { LogLine } from './log.ts'
import { NextStep } from './next-step.ts'
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
  /** What drains, since when, and the event that ended it by force (`null`: dropped from the archive). */
  draining: z.array(z.object({ ...DrainingJson.shape, since: Instant.nullable(), endedBy: LogLine.nullable() })),
  /** The stop intents that are still to be obeyed. */
  halts: z.array(HaltJson),
  /** Expired leases that their children keep; `child`: one that was seen to run. */
  orphans: z.array(
    z.object({ leaseId: LeaseId, since: Instant, until: Instant.nullable(), child: ProcessIdentity.nullable() }),
  ),
  /** Leases whose work is over, and that wait for a reaper; `claimedBy`: the one that acts on it. */
  unreaped: z.array(z.object({ leaseId: LeaseId, since: Instant, claimedBy: Holder.nullable() })),
  /** What would refuse an acquire of the lane now; `null` where nothing would. */
  blocked: z
    .object({
      /** As a refusal would say it, or why the ledger grants nothing at all. */
      code: z.string(),
      blockers: z.array(BlockerJson),
      moreBlockers: z.int().nonnegative(),
      freeAt: Instant.optional(),
    })
    .nullable(),
  next: z.array(NextStep),
})

/** Answer of `why`. */
export const WhyAnswer = z.discriminatedUnion('about', [WhyEvent, WhyName])
export type WhyAnswer = Readonly<z.infer<typeof WhyAnswer>>
