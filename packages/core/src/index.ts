export { admit, type AdmitRequest } from './admission/admit.ts'
export type { Conflict, Covering } from './admission/conflict.ts'
export { judgeWrites, type WriteRequest, type WriteVerdict } from './admission/judge-writes.ts'
export { drainsOver } from './admission/drains-over.ts'
export type { MergeRisk, MergeRisks } from './admission/merge-risks.ts'
export { waitingCycles, type WaitingCycle, type WaitingLink } from './admission/waiting-cycles.ts'
export { configurationJsonSchema } from './configuration-json-schema.ts'
export {
  Configuration,
  DEFAULT_CONFIGURATION,
  parseConfiguration,
  type ConfigurationFault,
  type ConfigurationInput,
  type ParsedConfiguration,
} from './configuration.ts'
export { Command, type CommandInput } from './decide/command.ts'
export { decide } from './decide/decide.ts'
export { recordNext, type Decision } from './decide/decision.ts'
export type { Evidence, PredicateVerdict, Probe, Surroundings } from './evidence.ts'
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
  WriteOutcome,
  Withdrawn,
} from './decide/outcome.ts'
export { parseCommand, type InputFault, type ParsedCommand } from './decide/parse-command.ts'
export { probesWanted } from './decide/probes-wanted.ts'
export {
  Activity,
  AdoptGround,
  Claim,
  Disposition,
  EndCause,
  EndEvidence,
  ExitStatus,
  Mode,
  Reap,
  ReapClaim,
  RegionGlobs,
  Waiting,
} from './lease-events.ts'
export { Blocker, RefusalCode } from './refuse-event.ts'
export { EVENT_DATA, EventType, type EventData, type ProposedEvent, type RecordedEvent } from './events.ts'
export { evolve, fold } from './evolve/evolve.ts'
export {
  CommandId,
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
export { parseEntry, type LogEntry, type UnrecognisedEntry, type UnrecognisedProblem } from './log-entry.ts'
export type { RawEntry } from './raw-entry.ts'
export { ProcessIdentity, ProcessStatus } from './process-identity.ts'
export { isExpired, Lease } from './state/lease.ts'
export { fork, initialState, liveLeases, type EventCounts, type LedgerState } from './state/ledger-state.ts'
export { DrainingEntry, HaltEntry, SpawnEntry, Ticket } from './state/entries.ts'
export { nextBoundary, type Boundary, type BoundaryCause, type PolicySpans } from './time/next-boundary.ts'
export { restoreState, snapshotState } from './state/snapshot.ts'
export { StateSnapshot } from './state/state-snapshot.ts'
export { countedTimes, type CountedTimes } from './time/counted-times.ts'
export type { Moment, OwnClock, WatchedOwnership } from './time/own-clock.ts'
export { OwnWatch } from './time/own-watch.ts'
export { WorkTree } from './work-tree.ts'
export {
  covers,
  escapeGlob,
  overlap,
  parseRegion,
  regionProblemText,
  pathFault,
  type Overlap,
  type ParsedRegion,
  type Region,
  type RegionProblem,
} from './region/index.ts'
export {
  health,
  HealthEvidence,
  HealthPolicy,
  liveness,
  LivenessEvidence,
  LivenessPolicy,
  planReap,
  presence,
  PresenceEvidence,
  PresencePolicy,
  ReapEvidence,
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
