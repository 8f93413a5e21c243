import { EventType, Holder, Lane, LeaseId, ProcessIdentity, Revision, Token } from '@holdfast/core'
import { DrainingJson, HaltJson, Instant, LeaseJson, LineageJson, TicketJson } from '@holdfast/projections'
import * as z from 'zod'
import { atLedger } from './at-ledger.ts'
import { NextStep } from './next-step.ts'
import { BlockerJson } from './refused.ts'

const entry = {
  revision: z.int().nonnegative(),
  recordedAt: Instant,
  eventId: z.string(),
}

/** One line of `log`: an event as recorded. Spans and instants inside `data` are ms, as in the log. */
const EventLine = z.object({
  ...entry,
  type: EventType,
  causation: z.string().optional(),
  runId: z.string().optional(),
  actor: z.looseObject({}).nullable(),
  data: z.looseObject({}),
})

/** An entry that this program cannot read, as the store has it. */
const UnrecognisedLine = z.object({
  ...entry,
  type: z.literal('UNRECOGNISED'),
  causation: z.json().optional(),
  runId: z.json().optional(),
  actor: z.json().optional(),
  data: z.json(),
  unrecognised: z.object({
    type: z.string(),
    schemaVersion: z.int(),
    problem: z.enum(['newer-schema', 'invalid', 'unknown-type']),
    detail: z.string(),
  }),
})

/** One line of `log`. */
export const LogLine = z.union([EventLine, UnrecognisedLine])
export type LogLine = Readonly<z.infer<typeof LogLine>>

/** Answer of `history`: who owned each lease of that name, and the newest events about it, oldest first. */
export const HistoryAnswer = z.object({
  ...atLedger,
  name: z.string(),
  lineage: z.array(LineageJson),
  events: z.array(LogLine),
  /** Events about it that are older than those shown. */
  earlierEvents: z.int().nonnegative(),
})
export type HistoryAnswer = Readonly<z.infer<typeof HistoryAnswer>>

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
