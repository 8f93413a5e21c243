export { admission, type Admission, type Asking } from './admission/admission.ts'
export { admit, type AdmitRequest } from './admission/admit.ts'
export { conflictBetween, type Conflict, type Covering } from './admission/conflict.ts'
export { judgeWrites, type WriteRequest, type WriteVerdict } from './admission/judge-writes.ts'
export { drainsOver, drainsOverAll } from './admission/drains-over.ts'
export { isKnownLane, withDeclared } from './admission/declared-lane.ts'
export { nameBlockers, type Obstacle } from './admission/obstacle.ts'
export { MERGE_RISKS_MAX, type MergeRisk, type MergeRisks } from './admission/merge-risks.ts'
export { waitingCycles, type WaitingCycle, type WaitingLink } from './admission/waiting-cycles.ts'
export {
  CONCERNS_VERSION,
  concernsOf,
  eventConcern,
  grantConcern,
  laneConcern,
  leaseConcern,
  runConcern,
  type Concern,
} from './concerns.ts'
export { configurationJsonSchema } from './configuration-json-schema.ts'
export { believedSpanMs, LEDGER_DRAIN } from './state/ledger-drain.ts'
export {
  Configuration,
  CONFIGURATION_LENGTH_MAX,
  DECLARED_REGION_LENGTH_MAX,
  DEFAULT_CONFIGURATION,
  isLeaseSpanBound,
  leaseSpanBoundMs,
  leaseSpanMs,
  parseConfiguration,
  RecordedConfiguration,
  SPAN_MAX_MS,
  withLeaseSpanBound,
  type ConfigurationFault,
  type ConfigurationInput,
  type ParsedConfiguration,
} from './configuration.ts'
export { DROPPED_KEY, droppedKeyIn } from './dropped-key.ts'
export { EVICTIONS_MAX, TICKETS_MAX } from './decide/acquire.ts'
export { checkpointData } from './decide/checkpoint.ts'
export {
  AcquireCommand,
  AdoptCommand,
  CheckpointCommand,
  Command,
  ConfigureCommand,
  FoundCommand,
  HaltCommand,
  HeartbeatCommand,
  METADATA_LENGTH_MAX,
  ReleaseCommand,
  RepairCommand,
  ScavengeCommand,
  SpawnCommand,
  WithdrawCommand,
  type CommandInput,
} from './decide/command.ts'
export { decide } from './decide/decide.ts'
export { actorAsRead, asRecorded, readsAsWritten, type OwnPlace } from './own-event.ts'
export { decisionTime, recordNext, type Decision } from './decide/decision.ts'
export {
  aliveAmong,
  probeOf,
  probeOfAll,
  type Evidence,
  type PredicateVerdict,
  type Probe,
  type Surroundings,
} from './evidence.ts'
export { findLease, liveOnLane, type Found } from './decide/find-lease.ts'
export { groundsAgainst, type Grounds } from './decide/grounds.ts'
export type {
  AcquireOutcome,
  Adopted,
  AdoptOutcome,
  Beaten,
  Blocked,
  Checkpointed,
  CheckpointOutcome,
  ConfigurationContradiction,
  ConfigurationRefused,
  Drained,
  Ended,
  Founded,
  FoundOutcome,
  Granted,
  HeartbeatOutcome,
  IntentOutcome,
  NotHeld,
  Outcome,
  OutcomeOf,
  Recorded,
  Refused,
  Released,
  ReleaseOutcome,
  Scavenged,
  ScavengeOutcome,
  StaleToken,
  WaitingPlace,
  WithdrawOutcome,
  Withdrawn,
} from './decide/outcome.ts'
export { parseCommand, REGION_LENGTH_TOTAL_MAX, type InputFault, type ParsedCommand } from './decide/parse-command.ts'
export { probesWanted } from './decide/probes-wanted.ts'
export { closedToAll, closedToGrants } from './decide/writability.ts'
export {
  AcquireData,
  Activity,
  AdoptData,
  AdoptGround,
  CHILDREN_MAX,
  Claim,
  CLAIMS_MAX,
  Disposition,
  EndCause,
  EndEvidence,
  ExitStatus,
  HaltData,
  HeartbeatData,
  Mode,
  Reap,
  ReapClaim,
  RegionGlobs,
  ReleaseData,
  ScavengeData,
  SpawnData,
} from './lease-events.ts'
export {
  Blocker,
  BLOCKERS_MAX,
  PREDICATE_NAME_LENGTH_MAX,
  RecordedRequest,
  RefusalCode,
  RefuseData,
  WITNESS_LENGTH_MAX,
} from './refuse-event.ts'
export { CheckpointData, Sha256, StateCarrier } from './checkpoint-event.ts'
export {
  Envelope,
  EVENT_DATA,
  EventType,
  Origin,
  SCHEMA_VERSION,
  WRITER_VERSION,
  type EventData,
  type ProposedEvent,
  type RecordedEvent,
} from './events.ts'
export { TEXT_LENGTH_MAX } from './event-text.ts'
export { evolve, fold } from './evolve/evolve.ts'
export {
  CommandId,
  DurationMs,
  EpochMs,
  EventId,
  Holder,
  Kind,
  Lane,
  later,
  ImportedLeaseId,
  LeaseId,
  leaseIdOf,
  LedgerId,
  NAME_LENGTH_MAX,
  nextRevision,
  RequestId,
  Revision,
  revisionAfter,
  RunId,
  Token,
  tokenAt,
} from './ids.ts'
export {
  parseEntry,
  stopsWriters,
  type LogEntry,
  type UnrecognisedEntry,
  type UnrecognisedProblem,
} from './log-entry.ts'
export { faultSentence, faultText } from './fault-text.ts'
export type { RawEntry } from './raw-entry.ts'
export type { Shape, Shaped } from './shape.ts'
export { ProcessIdentity, processKey, ProcessStatus, sameProcess } from './process-identity.ts'
export { isExpired, isHolders, Lease, orphanUntilMs } from './state/lease.ts'
export {
  fork,
  initialState,
  liveLeases,
  UNREADABLE_NAMED_MAX,
  type EventCounts,
  type LedgerState,
} from './state/ledger-state.ts'
export { drainingKey, requestKey } from './state/entry-keys.ts'
export {
  DrainingEntry,
  FOREVER_MS,
  HALT_MEMORY_MS,
  HaltEntry,
  RememberedRequest,
  RequestEnd,
  RUN_WORK_MEMORY_MS,
  RUN_WORKS_MAX,
  RunWork,
  SpawnEntry,
  Ticket,
} from './state/entries.ts'
export { nextBoundary, type Boundary, type BoundaryCause, type PolicySpans } from './time/next-boundary.ts'
export { isSameLane, laneKey } from './state/lane-key.ts'
export { spanText } from './span-text.ts'
export { entriesIn, keepState, restoreState, snapshotOf, snapshotState, type KeptState } from './state/snapshot.ts'
export { StateSnapshot } from './state/state-snapshot.ts'
export { countedTimes, type CountedTimes } from './time/counted-times.ts'
export { drainingAt } from './time/draining-at.ts'
export { NOTHING_WATCHED, type Moment, type OwnClock, type WatchedOwnership } from './time/own-clock.ts'
export { OwnWatch } from './time/own-watch.ts'
export { upcast } from './upcast.ts'
export {
  holdsInTree,
  inDifferentTrees,
  treeName,
  WORK_TREE_ID_LENGTH_MAX,
  WORK_TREE_PATH_LENGTH_MAX,
  WorkTree,
  type TreeOf,
} from './work-tree.ts'
export {
  canonical,
  covers,
  escapeGlob,
  GLOB_ALTERNATIVES_MAX,
  GLOB_LENGTH_MAX,
  GLOB_NESTING_MAX,
  literalPrefixes,
  overlap,
  OVERLAP_PAIRS_MAX,
  OVERLAP_STEPS_MAX,
  parseRegion,
  regionProblemText,
  pathFault,
  RegionReader,
  REGION_GLOBS_MAX,
  REGION_LENGTH_MAX,
  type Overlap,
  type ParsedRegion,
  type Region,
  type RegionProblem,
} from './region/index.ts'
export {
  HealthActivity,
  dispositionOf,
  health,
  HealthEvidence,
  HealthInput,
  HealthPolicy,
  liveness,
  LivenessEvidence,
  LivenessInput,
  LivenessPolicy,
  planReap,
  presence,
  PresenceEvidence,
  PresenceInput,
  PresencePolicy,
  ReapEvidence,
  ReapInput,
  ReapLease,
  ReapPolicy,
  ReapProgress,
  ReapStreak,
  type Health,
  type HealthBasis,
  type HealthVerdict,
  type Judgement,
  type Liveness,
  type LivenessBasis,
  type LivenessVerdict,
  type Presence,
  type PresenceBasis,
  type PresenceVerdict,
  type ReapBasis,
  type ReapPlan,
  type ReapVerdict,
} from './verdict/index.ts'
