import * as z from 'zod'
import { Configuration } from '../configuration.ts'
import { CHILDREN_MAX, Claim, CLAIMS_MAX, Disposition, EndCause, ExitStatus, Reap, Waiting } from '../lease-events.ts'
import { WRITTEN_PATHS_MAX, WRITTEN_PATH_LENGTH_MAX } from '../refuse-event.ts'
import { StateCarrier } from '../checkpoint-event.ts'
import { DROPPED_KEY, droppedKeyIn } from '../dropped-key.ts'
import { reason, TEXT_LENGTH_MAX } from '../event-text.ts'
import {
  CommandId,
  DurationMs,
  EventId,
  Holder,
  Lane,
  LeaseId,
  LedgerId,
  RequestId,
  Revision,
  RunId,
  Token,
} from '../ids.ts'
import { ProcessIdentity } from '../process-identity.ts'
import { WorkTree } from '../work-tree.ts'

/** Bytes (UTF-16 code units of its JSON) that the metadata of one beat may take. */
export const METADATA_LENGTH_MAX = 16 * 1024

/**
 * Unlike a claim in the log, one that is asked for has no fields that this code does not know. All claims of a request
 * are asked for in one work tree, the request's.
 */
const AskedClaim = z.strictObject(Claim.shape).omit({ workTree: true })

const AskedWorkTree = z.strictObject(WorkTree.shape)

const process = ProcessIdentity.nullable().default(null)
const children = z.array(ProcessIdentity).max(CHILDREN_MAX).optional()

/**
 * Asks for one lease (`policy: 'one'`), the first admissible of several (`any`), or all of several in one atomic
 * append (`all`). With `wait` a refused request of policy `one` that carries a `requestId` takes a place in the line.
 */
export const AcquireCommand = z.strictObject({
  type: z.literal('acquire'),
  commandId: CommandId,
  holder: Holder,
  process,
  policy: z.enum(['one', 'any', 'all']).default('one'),
  claims: z.array(AskedClaim).min(1).max(CLAIMS_MAX),
  /** The work tree that it is made in; absent or `null`: unknown. */
  workTree: AskedWorkTree.nullable().optional(),
  /** Cut to the ledger's ceiling; absent: the ledger's default. */
  ttlMs: z.int().positive().optional(),
  children,
  runId: RunId.optional(),
  requestId: RequestId.optional(),
  maxAttempts: z.int().min(1).max(1000).default(1),
  reap: Reap.default('optional'),
  wait: z.boolean().default(false),
  reason,
})
export type AcquireCommand = z.infer<typeof AcquireCommand>

/** Ends the place in the line that `requestId` holds. */
export const WithdrawCommand = z.strictObject({
  type: z.literal('withdraw'),
  commandId: CommandId,
  holder: Holder,
  requestId: RequestId,
  reason,
})
export type WithdrawCommand = z.infer<typeof WithdrawCommand>

/**
 * Says that the holder is there, under its token. Answers: `beaten`, `not-held`, `stale-token`, `blocked`.
 * `activity.expectedMs` asks for a longer life than the TTL, once, and is cut to the ledger's cap; `exit` records how the
 * work ended.
 */
export const HeartbeatCommand = z.strictObject({
  type: z.literal('heartbeat'),
  commandId: CommandId,
  lane: Lane,
  holder: Holder,
  token: Token,
  progress: z.string().max(TEXT_LENGTH_MAX).optional(),
  activity: z.strictObject({ label: z.string().min(1).max(1024), expectedMs: DurationMs }).optional(),
  exit: ExitStatus.optional(),
  children,
  metadata: z
    .custom<Record<string, unknown>>(value => droppedKeyIn(value) === null, {
      message: `the key ${DROPPED_KEY} cannot be kept; name it otherwise`,
    })
    .pipe(z.record(z.string(), z.json()))
    .refine(value => JSON.stringify(value).length <= METADATA_LENGTH_MAX, {
      message: `metadata must be at most ${METADATA_LENGTH_MAX} characters of JSON`,
    })
    .optional(),
  /** The HALT that this beat enacts. */
  causation: EventId.optional(),
  /** A plain beat within this span of the last one is not appended; at most a third of the TTL counts. 0: always append. */
  coalesceWithinMs: DurationMs.default(0 as DurationMs),
  reason,
})
export type HeartbeatCommand = z.infer<typeof HeartbeatCommand>

/**
 * Gives the lease up. Answers: `released`; `drained` (it had been taken by force, and what it kept closed is open now);
 * `not-held`, `stale-token`; `refused` (`awaiting-reap`: a reaper has to act on its end first); `blocked`.
 */
export const ReleaseCommand = z.strictObject({
  type: z.literal('release'),
  commandId: CommandId,
  lane: Lane,
  holder: Holder,
  token: Token,
  /** The HALT that this release confirms. */
  causation: EventId.optional(),
  reason,
})
export type ReleaseCommand = z.infer<typeof ReleaseCommand>

/**
 * Takes a lease over at exactly `expectToken`, under a new token: on a ground against it, or by `force`. Answers: `adopted`,
 * `not-held`, `stale-token`, `refused` (`still-held`, `awaiting-reap`), `blocked`.
 */
export const AdoptCommand = z.strictObject({
  type: z.literal('adopt'),
  commandId: CommandId,
  lane: Lane,
  newHolder: Holder,
  expectToken: Token,
  process,
  force: z.boolean().default(false),
  /** Present when a reaper claims the lease; the cause it is about to act on. */
  claim: z.strictObject({ cause: EndCause }).optional(),
  reason,
})
export type AdoptCommand = z.infer<typeof AdoptCommand>

/**
 * Ends somebody's lease at exactly `token`: on a ground against it, by `force`, or to close a claim. `cause` asks for that
 * ground alone. Answers: `scavenged`, `not-held`, `stale-token`, `refused` (`still-held`, `orphan-alive`, `awaiting-reap`),
 * `blocked`.
 */
export const ScavengeCommand = z.strictObject({
  type: z.literal('scavenge'),
  commandId: CommandId,
  lane: Lane,
  token: Token,
  force: z.boolean().default(false),
  /** The one who closes a claim that it holds; absent for everybody else. */
  holder: Holder.optional(),
  cause: EndCause.optional(),
  disposition: Disposition.default('none'),
  /** What became of the reaper's effect, for a claim that is closed. */
  effect: z.enum(['ran', 'failed', 'none']).optional(),
  reason,
})
export type ScavengeCommand = z.infer<typeof ScavengeCommand>

/**
 * Asks that something stops. Bound when decided to the newest live lease that fits all that it names; nobody is stopped by
 * the ledger. Answers: `recorded`, `blocked`.
 */
export const HaltCommand = z.strictObject({
  type: z.literal('halt'),
  commandId: CommandId,
  handle: z.string().min(1, 'handle must not be empty').max(1024),
  lane: Lane.optional(),
  leaseId: LeaseId.optional(),
  runId: RunId.optional(),
  command: z.string().max(TEXT_LENGTH_MAX).optional(),
  reason,
})
export type HaltCommand = z.infer<typeof HaltCommand>

/**
 * Says that somebody is about to start. Shown until its ACQUIRE or for `ttlMs` (absent: the ledger's default TTL; cut to the
 * ceiling). It grants nothing. Answers: `recorded`, `blocked`.
 */
export const SpawnCommand = z.strictObject({
  type: z.literal('spawn'),
  commandId: CommandId,
  lane: Lane,
  holder: Holder,
  process,
  runId: RunId.optional(),
  ttlMs: z.int().positive().optional(),
  /** That it waits for a human; the next SPAWN of that lane and run without it ends the wait. */
  waiting: z.strictObject(Waiting.shape).optional(),
  reason,
})
export type SpawnCommand = z.infer<typeof SpawnCommand>

/**
 * Asks whether files may be written, and records where somebody else's claim is in the way. It claims nothing. `paths` are
 * relative to the root. Answers: `permitted` (nobody else's claim is in the way), `refused` (recorded, or coalesced with the
 * newest refusal that says the same), `blocked`.
 */
export const WriteCommand = z.strictObject({
  type: z.literal('write'),
  commandId: CommandId,
  /** `null`: nobody says who writes. */
  holder: Holder.nullable(),
  paths: z.array(z.string().min(1).max(WRITTEN_PATH_LENGTH_MAX)).min(1).max(WRITTEN_PATHS_MAX),
  workTree: AskedWorkTree.nullable().optional(),
  reason,
})
export type WriteCommand = z.infer<typeof WriteCommand>

/** Begins a ledger. Only the first command of an empty stream may be one. */
export const FoundCommand = z.strictObject({
  type: z.literal('found'),
  commandId: CommandId,
  ledgerId: LedgerId,
  config: Configuration,
  reason,
})
export type FoundCommand = z.infer<typeof FoundCommand>

/**
 * Changes what decides from now on. Answers: `checkpointed`; `invalid` where live leases contradict it; `blocked`.
 */
export const ConfigureCommand = z.strictObject({
  type: z.literal('configure'),
  commandId: CommandId,
  config: Configuration,
  reason,
})
export type ConfigureCommand = z.infer<typeof ConfigureCommand>

/** Writes the state down at the head: what compaction, restore and move are made of. */
export const CheckpointCommand = z.strictObject({
  type: z.literal('checkpoint'),
  commandId: CommandId,
  offset: z.int().nonnegative().optional(),
  clockOffset: z.int().optional(),
  movedTo: z.string().min(1).optional(),
  /** The place that the ledger moved to, once it is there: opens it again. */
  arrivedAt: z.string().min(1).optional(),
  /** The log was put back from a backup: all of the ledger drains, unless an operator knows better (`force`). */
  restored: z.strictObject({ force: z.boolean() }).optional(),
  archive: z.looseObject({ stream: z.string(), from: Revision, to: Revision, sha256: z.string() }).optional(),
  carrier: StateCarrier.optional(),
  reason,
})
export type CheckpointCommand = z.infer<typeof CheckpointCommand>

/** An operator's decision that an unreadable entry may be passed over. */
export const RepairCommand = z.strictObject({
  type: z.literal('repair'),
  commandId: CommandId,
  skip: Revision,
  reason,
})
export type RepairCommand = z.infer<typeof RepairCommand>

/** Everything that a ledger can be asked to do. `parseCommand` is the way in, `decide` answers. */
export const Command = z.discriminatedUnion('type', [
  AcquireCommand,
  WithdrawCommand,
  HeartbeatCommand,
  ReleaseCommand,
  AdoptCommand,
  ScavengeCommand,
  HaltCommand,
  SpawnCommand,
  WriteCommand,
  FoundCommand,
  ConfigureCommand,
  CheckpointCommand,
  RepairCommand,
])
export type Command = z.infer<typeof Command>
export type CommandInput = z.input<typeof Command>
