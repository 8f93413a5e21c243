import * as z from 'zod'
import { reason, text } from './event-text.ts'
import { DurationMs, EpochMs, Holder, Kind, Lane, LeaseId, RequestId, Revision, RunId, Token } from './ids.ts'
import { ProcessIdentity, ProcessStatus } from './process-identity.ts'
import { WorkTree } from './work-tree.ts'

/** Children that one lease records. */
export const CHILDREN_MAX = 64

/** Claims that one request may name (`anyOf`, `allOf`). */
export const CLAIMS_MAX = 64

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
  /** Where it is to hold; a recorded request has it once for all of its claims. */
  workTree: WorkTree.nullable().optional(),
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
  /** Absent: unknown. */
  workTree: WorkTree.nullable().optional(),
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

/** What somebody waits for: an answer of a human. `for` says which kind of answer, `detail` to what. For people. */
export const Waiting = z.looseObject({ for: z.string().min(1).max(64), detail: z.string().max(1024).optional() })
export type Waiting = z.infer<typeof Waiting>

/**
 * Somebody is about to start; shown for `ttlMs` unless its ACQUIRE comes first. With `waiting` it goes on once a human has
 * answered: the next SPAWN of the same lane and run without it says that this is over. It lengthens no lease. */
export const SpawnData = z.looseObject({
  lane: Lane,
  holder: Holder,
  process: ProcessIdentity.nullable(),
  runId: RunId.optional(),
  ttlMs: z.int().positive(),
  waiting: Waiting.optional(),
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
