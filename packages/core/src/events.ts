import * as z from 'zod'
import { RecordedConfiguration } from './configuration.ts'
import {
  DurationMs,
  EpochMs,
  EventId,
  Holder,
  Kind,
  Lane,
  LeaseId,
  LedgerId,
  RequestId,
  Revision,
  RunId,
  Token,
} from './ids.ts'
import { ProcessIdentity, ProcessStatus } from './process-identity.ts'

/** Schema version that this code writes. */
export const SCHEMA_VERSION = 1

/** Writer version of this code: a ledger whose `minWriter` is above it is read, never written. */
export const WRITER_VERSION = 1

/** Blockers that a refusal names; the count of the rest goes beside them. */
export const BLOCKERS_MAX = 16

/** Children that one lease records. */
export const CHILDREN_MAX = 64

/** Claims that one request may name (`anyOf`, `allOf`). */
export const CLAIMS_MAX = 64

/** Characters of a reason, a proposed command or a line of progress. */
export const TEXT_LENGTH_MAX = 4096

/** Characters of the path that a blocker is witnessed by; a longer one is not named. */
export const WITNESS_LENGTH_MAX = 1024

/** Characters of the name of a local predicate. */
export const PREDICATE_NAME_LENGTH_MAX = 256

const text = z.string().max(TEXT_LENGTH_MAX)
const reason = text.default('')

/** Two claims on one place get on only when both are `shared` (readers). */
export const Mode = z.enum(['exclusive', 'shared'])
export type Mode = z.infer<typeof Mode>

/** Whether ending the lease needs a reaper's effect first. */
export const Reap = z.enum(['optional', 'required'])
export type Reap = z.infer<typeof Reap>

/** Normalised globs; empty means the lane's name alone. */
export const RegionGlobs = z.array(z.string().min(1)).max(256)

/** What a request or lease wants to cover. */
export const Claim = z.looseObject({
  lane: Lane,
  mode: Mode.default('exclusive'),
  region: RegionGlobs.default([]),
  kind: Kind.nullable().default(null),
})
export type Claim = z.infer<typeof Claim>

/** How a process ended: an exit code, or the name of the signal that killed it. */
export const ExitStatus = z.looseObject({
  code: z.int().nullable(),
  signal: z.string().max(32).nullable(),
})
export type ExitStatus = z.infer<typeof ExitStatus>

/** Why a lease was taken from its holder. */
export const EndCause = z.enum(['expired', 'process-dead', 'exited', 'age-ceiling', 'manual'])
export type EndCause = z.infer<typeof EndCause>

/**
 * What is to become of the work of a lease that was ended: another attempt, nothing after failure or success, or not said.
 */
export const Disposition = z.enum(['retry', 'failed', 'done', 'none'])
export type Disposition = z.infer<typeof Disposition>

/** What a decision to end a lease rested on; whatever else the caller gathered is kept beside it. */
export const EndEvidence = z.looseObject({
  /** The decider's log clock. */
  nowMs: EpochMs.optional(),
  expiresAt: EpochMs.optional(),
  lastBeatAt: EpochMs.optional(),
  /** Where the log clock can step: whether the decider had watched the lease on its own clock, or counted on the bound. */
  clock: z.enum(['watched', 'unwatched']).optional(),
  process: ProcessStatus.optional(),
  children: z.array(ProcessStatus).max(CHILDREN_MAX).optional(),
  consecutiveProbes: z.int().nonnegative().optional(),
  effect: z.enum(['ran', 'failed', 'skipped', 'none']).optional(),
})
export type EndEvidence = z.infer<typeof EndEvidence>

/** An announced span of work, in ms as it was granted: it keeps the lease alive for longer than its TTL. */
export const Activity = z.looseObject({ label: z.string().max(1024), grantedMs: DurationMs })
export type Activity = z.infer<typeof Activity>

/** A reaper's claim on a lease: what it is about to act on. Each next claimer copies it. */
export const ReapClaim = z.looseObject({
  /** Revision of the first claim: the idempotency key of the effect. */
  key: Revision,
  cause: EndCause,
  exit: ExitStatus.optional(),
  attempt: z.int().min(1),
})
export type ReapClaim = z.infer<typeof ReapClaim>

/**
 * A lease begins; its token is the revision of the event. `ttlMs` and `graceMs` are those that hold for it from now on.
 */
export const AcquireData = z.looseObject({
  lane: Lane,
  leaseId: LeaseId,
  holder: Holder,
  kind: Kind.nullable().default(null),
  mode: Mode,
  region: RegionGlobs,
  ttlMs: z.int().positive(),
  graceMs: z.int().nonnegative(),
  process: ProcessIdentity.nullable(),
  children: z.array(ProcessIdentity).max(CHILDREN_MAX).optional(),
  runId: RunId.optional(),
  attempt: z.int().min(1),
  maxAttempts: z.int().min(1),
  reap: Reap,
  requestId: RequestId.optional(),
  /** `null` only on events with `origin`, whose source knew no tokens. */
  token: Token.nullable().optional(),
  reason,
})

/** The holder of `token` gave it up. The envelope's `causation` names the HALT that this confirms. */
export const ReleaseData = z.looseObject({
  lane: Lane,
  leaseId: LeaseId,
  token: Token.nullable(),
  reason,
})

/**
 * The holder of `token` is there; under any other token it says nothing. The envelope's `causation` names an enacted HALT.
 */
export const HeartbeatData = z.looseObject({
  lane: Lane,
  leaseId: LeaseId,
  token: Token.nullable(),
  progress: text.optional(),
  activity: Activity.optional(),
  exit: ExitStatus.optional(),
  children: z.array(ProcessIdentity).max(CHILDREN_MAX).optional(),
  metadata: z.record(z.string(), z.json()).optional(),
  reason,
})

/** Ground on which a lease was adopted; only `process-dead` spares the old holder a draining entry. */
export const AdoptGround = z.enum(['expired', 'process-dead', 'exited', 'forced'])
export type AdoptGround = z.infer<typeof AdoptGround>

/** The lease at `previousToken` changes hands; its new token is the revision of the event. */
export const AdoptData = z.looseObject({
  lane: Lane,
  leaseId: LeaseId,
  previousToken: Token.nullable(),
  newHolder: Holder,
  process: ProcessIdentity.nullable(),
  forced: z.boolean(),
  /** Absent in imports, where it counts as `forced`. */
  ground: AdoptGround.optional(),
  claim: ReapClaim.optional(),
  evidence: EndEvidence.optional(),
  reason,
})

/** Somebody asks that something stops. `leaseId` and `token` together: what it was bound to when it was decided. */
export const HaltData = z.looseObject({
  handle: z.string().min(1).max(1024),
  lane: Lane.optional(),
  leaseId: LeaseId.optional(),
  token: Token.optional(),
  runId: RunId.optional(),
  reason,
  /** A proposed command: shown, never executed by the ledger. */
  command: text.optional(),
})

/** Somebody is about to start; shown for `ttlMs` unless its ACQUIRE comes first. */
export const SpawnData = z.looseObject({
  lane: Lane,
  holder: Holder,
  process: ProcessIdentity.nullable(),
  runId: RunId.optional(),
  ttlMs: z.int().positive(),
  reason,
})

/** The lease at `token` was taken from its holder, and why. */
export const ScavengeData = z.looseObject({
  lane: Lane,
  leaseId: LeaseId,
  token: Token.nullable(),
  cause: EndCause,
  disposition: Disposition,
  forced: z.boolean(),
  evidence: EndEvidence,
  reason,
})

/**
 * Why something was refused. In the way of an acquire: `lane-held`, `region-held`, `exclusive-lane-live`, `budget-exhausted`,
 * `draining` (an old holder may still believe), `orphan-alive` (a recorded child runs), `awaiting-reap` (only a reaper with the
 * effect ends it), `queued-behind` (an earlier ticket), `held-by-self` (no waiting mends it). About the request itself:
 * `queue-full`, `unknown-lane`, `self-conflict`, `request-id-reused`, `predicate-refused`. For ending another's lease:
 * `still-held` (no ground yet). `withdrawn` ends a ticket and refuses nobody.
 */
export const RefusalCode = z.enum([
  'held-by-self',
  'lane-held',
  'region-held',
  'exclusive-lane-live',
  'budget-exhausted',
  'draining',
  'orphan-alive',
  'awaiting-reap',
  'queued-behind',
  'queue-full',
  'unknown-lane',
  'self-conflict',
  'request-id-reused',
  'predicate-refused',
  'still-held',
  'withdrawn',
])
export type RefusalCode = z.infer<typeof RefusalCode>

/** One thing in the way. Leases and draining entries carry `leaseId` and `token`; an earlier ticket carries `ticket`. */
export const Blocker = z.looseObject({
  leaseId: LeaseId.nullable(),
  token: Token.nullable(),
  /** A path that both sides would cover; absent also where none is short enough to be written down. */
  witness: z.string().optional(),
  /** Why it is in the way. */
  code: RefusalCode.optional(),
  lane: Lane.optional(),
  holder: Holder.optional(),
  /** Until when, as far as is known today. */
  until: EpochMs.optional(),
  /** Revision of the REFUSE that opened the ticket. */
  ticket: Revision.optional(),
})
export type Blocker = z.infer<typeof Blocker>

/** The request as it was understood: regions normalised, defaults filled in. */
export const RecordedRequest = z.looseObject({
  op: z.enum(['acquire', 'adopt', 'scavenge', 'release']),
  holder: Holder.optional(),
  process: ProcessIdentity.nullable().optional(),
  /** `one`: the only claim; `any`: the first admissible; `all`: all or none. */
  policy: z.enum(['one', 'any', 'all']).optional(),
  claims: z.array(Claim).max(CLAIMS_MAX).optional(),
  leaseId: LeaseId.optional(),
  token: Token.nullable().optional(),
  runId: RunId.optional(),
  requestId: RequestId.optional(),
})
export type RecordedRequest = z.infer<typeof RecordedRequest>

/** A request was denied, and why. With `ticket` it takes or refreshes a place in the line for `ticket.ttlMs`. */
export const RefuseData = z.looseObject({
  request: RecordedRequest,
  code: RefusalCode,
  blockers: z.array(Blocker).max(BLOCKERS_MAX),
  moreBlockers: z.int().nonnegative(),
  earliestRetryAt: EpochMs.optional(),
  ticket: z.looseObject({ requestId: RequestId, ttlMs: z.int().positive() }).optional(),
  /** Coalesced repeats of the refusal before this one, as far as the writer saw them. */
  repeats: z.int().nonnegative().optional(),
  lastAt: EpochMs.optional(),
  /** Evidence of a local predicate that refused. */
  evidence: z.looseObject({ predicate: z.string().max(PREDICATE_NAME_LENGTH_MAX).optional() }).optional(),
  reason,
})

/** A SHA-256 in lower-case hex. */
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/)

/** Where the state of a CHECKPOINT is: in the event, or in parts of a side stream. */
export const StateCarrier = z.discriminatedUnion('carrier', [
  z.looseObject({ carrier: z.literal('inline'), value: z.json() }),
  z.looseObject({
    carrier: z.literal('parts'),
    stream: z.string().min(1),
    parts: z.int().positive(),
    sha256: Sha256,
  }),
])
export type StateCarrier = z.infer<typeof StateCarrier>

/** The whole state through `throughRevision`; the fold begins anew from it. */
export const CheckpointData = z.looseObject({
  ledgerId: LedgerId,
  /** -1 at genesis: through nothing. */
  throughRevision: z.int().min(-1),
  /** Added to the physical position of this and every later event. */
  offset: z.int().nonnegative(),
  /** Added to the store's time for this ledger's log clock. */
  clockOffset: z.int(),
  minWriter: z.int().min(1),
  config: RecordedConfiguration,
  state: StateCarrier,
  archive: z.looseObject({ stream: z.string(), from: Revision, to: Revision, sha256: Sha256 }).optional(),
  /** The URL of the store that continues this ledger: nothing is written here any more. */
  movedTo: z.string().min(1).optional(),
  /** The ledger came here by a move, and is open again. */
  arrivedAt: z.string().min(1).optional(),
  /** The log was put back from a backup that ended at `throughRevision`. `forced`: without draining. */
  restored: z.looseObject({ forced: z.boolean(), drainsUntil: EpochMs.nullable() }).optional(),
  /** Revisions that an operator decided to skip although this code cannot read them. */
  skips: z.array(Revision).optional(),
  reason,
})

export type CheckpointData = z.infer<typeof CheckpointData>

/** The data schema of each of the nine event types. */
export const EVENT_DATA = {
  ACQUIRE: AcquireData,
  RELEASE: ReleaseData,
  HEARTBEAT: HeartbeatData,
  ADOPT: AdoptData,
  HALT: HaltData,
  SPAWN: SpawnData,
  SCAVENGE: ScavengeData,
  REFUSE: RefuseData,
  CHECKPOINT: CheckpointData,
} as const

export type EventType = keyof typeof EVENT_DATA
/** The nine types. There is no tenth: what else there is to say is a field. */
export const EventType = z.enum([
  'ACQUIRE',
  'RELEASE',
  'HEARTBEAT',
  'ADOPT',
  'HALT',
  'SPAWN',
  'SCAVENGE',
  'REFUSE',
  'CHECKPOINT',
])
export type EventData<T extends EventType = EventType> = z.infer<(typeof EVENT_DATA)[T]>

/** What a decision asks to have appended: the store adds revision and time. */
export type ProposedEvent = {
  [T in EventType]: {
    readonly type: T
    readonly data: EventData<T>
    readonly runId?: RunId
    readonly causation?: EventId
  }
}[EventType]

/** Imported events name where they come from. */
export const Origin = z.looseObject({ format: z.string().min(1).max(64) })
export type Origin = z.infer<typeof Origin>

/** The envelope around an event's data. */
export const Envelope = z.looseObject({
  eventId: EventId,
  revision: Revision,
  recordedAt: EpochMs,
  schemaVersion: z.int().min(1),
  actor: ProcessIdentity.nullable(),
  runId: RunId.optional(),
  causation: EventId.optional(),
  origin: Origin.optional(),
})
export type Envelope = z.infer<typeof Envelope>

/** An event as the log gives it back. */
export type RecordedEvent<T extends EventType = EventType> = {
  [K in T]: {
    readonly type: K
    readonly data: EventData<K>
    readonly eventId: EventId
    readonly revision: Revision
    readonly recordedAt: EpochMs
    readonly schemaVersion: number
    readonly actor: ProcessIdentity | null
    readonly runId?: RunId | undefined
    readonly causation?: EventId | undefined
    readonly origin?: Origin | undefined
  }
}[T]
