import * as z from 'zod'
import { Mode, RegionGlobs } from '../lease-events.ts'
import { RefusalCode } from '../refuse-event.ts'
import { EpochMs, EventId, Holder, Kind, Lane, LeaseId, RequestId, Revision, RunId, Token } from '../ids.ts'
import { ProcessIdentity } from '../process-identity.ts'
import { WorkTree } from '../work-tree.ts'

const untilMs = z.number()

/** Stands for "no end in sight" where an entry needs an end. */
export const FOREVER_MS = Number.MAX_SAFE_INTEGER

/** What a lease that was taken by force still keeps closed: its old holder may believe in it until then. */
export const DrainingEntry = z.object({
  leaseId: LeaseId,
  /** The old token; a RELEASE under it ends the entry. */
  token: Token,
  lane: Lane,
  region: RegionGlobs,
  mode: Mode,
  kind: Kind.nullable(),
  /** That of the lease; absent: unknown. */
  workTree: WorkTree.optional(),
  holder: Holder,
  /** Until when it drains by the log clock. */
  untilMs,
  /**
   * Until when the entry is kept: longer, by the clock-step bound as it was when the entry came, for deciders that cannot
   * count on the log clock alone. Absent: no longer.
   */
  keptUntilMs: z.number().optional(),
  /** After a restore: in the way of everything in the ledger, lanes without a region included, until its time. */
  ledgerWide: z.literal(true).optional(),
})
export type DrainingEntry = Readonly<z.infer<typeof DrainingEntry>>

/** A place in the line of those who wait. */
export const Ticket = z.object({
  key: z.string(),
  requestId: RequestId,
  holder: Holder,
  lane: Lane,
  region: RegionGlobs,
  mode: Mode,
  kind: Kind.nullable(),
  /** That of the request; absent: unknown. */
  workTree: WorkTree.optional(),
  /** Revision of the first REFUSE: the order of the line. */
  place: Revision,
  /** Revision of the newest REFUSE. */
  refreshedBy: Revision,
  refreshedAtMs: EpochMs,
  ttlMs: z.int().positive(),
  untilMs,
})
export type Ticket = Readonly<z.infer<typeof Ticket>>

/** From when a renewed decision refreshes the place: half its time, so that many waiters do not answer one event. */
export function ticketRefreshAtMs(ticket: Ticket): number {
  return ticket.refreshedAtMs + Math.floor(ticket.ttlMs / 2)
}

/** How long a stop intent is shown: a day. */
export const HALT_MEMORY_MS = 24 * 60 * 60 * 1000

/** A stop intent and how far it got. */
export const HaltEntry = z.object({
  eventId: EventId,
  revision: Revision,
  handle: z.string(),
  lane: Lane.nullable(),
  /** What it names. Bound when decided only if `token` stands beside it; without one nothing matched and nobody enacts it. */
  leaseId: LeaseId.nullable(),
  token: Token.nullable(),
  runId: RunId.nullable(),
  reason: z.string(),
  command: z.string().nullable(),
  haltedAtMs: EpochMs,
  enactedAtMs: EpochMs.nullable(),
  confirmedAtMs: EpochMs.nullable(),
  untilMs,
})
export type HaltEntry = Readonly<z.infer<typeof HaltEntry>>

/** A start intent, shown as SPAWNING. */
export const SpawnEntry = z.object({
  revision: Revision,
  lane: Lane,
  holder: Holder,
  process: ProcessIdentity.nullable(),
  runId: RunId.nullable(),
  reason: z.string(),
  /** That it waits for a human, and since when; absent: it does not. */
  waiting: z.object({ for: z.string(), detail: z.string().optional(), sinceMs: EpochMs }).optional(),
  spawnedAtMs: EpochMs,
  untilMs,
})
export type SpawnEntry = Readonly<z.infer<typeof SpawnEntry>>

/** How a lease ended that a request had been granted. Expiry is no event, so it is not among them. */
export const RequestEnd = z.enum(['released', 'evicted', 'adopted'])
export type RequestEnd = z.infer<typeof RequestEnd>

/** What a request with an id was granted, so that asking again is no second grant. */
export const RememberedRequest = z.object({
  grants: z.array(z.object({ lane: Lane, leaseId: LeaseId, token: Token, ended: RequestEnd.nullable() })),
  /** `FOREVER_MS` while any of the leases is live at its granted token. */
  untilMs,
})
export type RememberedRequest = Readonly<z.infer<typeof RememberedRequest>>

/** The newest recorded refusal of one request, for coalescing its repeats. */
export const RememberedRefusal = z.object({
  revision: Revision,
  code: RefusalCode,
  blockers: z.string(),
  untilMs,
})
export type RememberedRefusal = Readonly<z.infer<typeof RememberedRefusal>>

/** The attempt number that the next ACQUIRE of a lane and run carries. */
export const RememberedAttempt = z.object({ attempt: z.int().min(1), untilMs })
export type RememberedAttempt = Readonly<z.infer<typeof RememberedAttempt>>

/** Pieces of work that one run's entry keeps; older ones give way. */
export const RUN_WORKS_MAX = 64

/** How long the work of a run is remembered after its newest piece: no window of progress may be longer. */
export const RUN_WORK_MEMORY_MS = 24 * 60 * 60 * 1000

/**
 * What the log shows of a run's progress: its own RELEASEs, SCAVENGEs and further ACQUIREs. Beats are narration and
 * never count. Part of the state, so that liveness is known after a compaction as before it.
 */
export const RunWork = z.object({
  /** Its first ACQUIRE, as far as is remembered. */
  startedAtMs: EpochMs,
  /** The newest pieces of work, oldest first. */
  workedAtMs: z.array(EpochMs).max(RUN_WORKS_MAX),
  untilMs,
})
export type RunWork = Readonly<z.infer<typeof RunWork>>
