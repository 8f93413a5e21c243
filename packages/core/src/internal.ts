// Shared by our own packages and tests alone: no promise is made about it, in any release.
export { admission, type Admission, type Asking } from './admission/admission.ts'
export { conflictBetween } from './admission/conflict.ts'
export { drainsOverAll } from './admission/drains-over.ts'
export { judgeCommitted, type CommittedRefusal, type CommittedRequest } from './admission/judge-committed.ts'
export { isKnownLane, withDeclared } from './admission/declared-lane.ts'
export { nameBlockers, type Obstacle } from './admission/obstacle.ts'
export { MERGE_RISKS_MAX } from './admission/merge-risks.ts'
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
export { believedSpanMs, LEDGER_DRAIN } from './state/ledger-drain.ts'
export {
  CONFIGURATION_LENGTH_MAX,
  isLeaseSpanBound,
  leaseSpanBoundMs,
  RecordedConfiguration,
  SPAN_MAX_MS,
  withLeaseSpanBound,
} from './configuration.ts'
export { DROPPED_KEY, droppedKeyIn } from './dropped-key.ts'
export { EVICTIONS_MAX, TICKETS_MAX } from './decide/acquire.ts'
export { checkpointData } from './decide/checkpoint.ts'
export { AcquireCommand, HeartbeatCommand, CheckpointCommand } from './decide/command.ts'
export { actorAsRead, asRecorded, readsAsWritten, type OwnPlace } from './own-event.ts'
export { decisionTime } from './decide/decision.ts'
export { EDIT_LANE_PREFIX, editLane } from './region/edit-lane.ts'
export { findLease, liveOnLane } from './decide/find-lease.ts'
export { groundsAgainst } from './decide/grounds.ts'
export { REGION_LENGTH_TOTAL_MAX } from './decide/parse-command.ts'
export { closedToGrants } from './decide/writability.ts'
export { CLAIMS_MAX } from './lease-events.ts'
export {
  BLOCKERS_MAX,
  PREDICATE_NAME_LENGTH_MAX,
  WITNESS_LENGTH_MAX,
  WRITTEN_PATH_LENGTH_MAX,
  WRITTEN_PATHS_MAX,
} from './refuse-event.ts'
export { CheckpointData, StateCarrier } from './checkpoint-event.ts'
export { SCHEMA_VERSION, WRITER_VERSION } from './events.ts'
export { TEXT_LENGTH_MAX } from './event-text.ts'
export { later, ImportedLeaseId, leaseIdOf, NAME_LENGTH_MAX, nextRevision, revisionAfter, tokenAt } from './ids.ts'
export { rawOf, stopsWriters } from './log-entry.ts'
export { faultSentence, faultText } from './fault-text.ts'
export type { Shape } from './shape.ts'
export { parserOf } from './shape-parser.ts'
export { processKey } from './process-identity.ts'
export { isHolders } from './state/lease.ts'
export { UNREADABLE_NAMED_MAX } from './state/ledger-state.ts'
export { drainingKey } from './state/entry-keys.ts'
export { FOREVER_MS, RUN_WORK_MEMORY_MS } from './state/entries.ts'
export { isSameLane, laneKey } from './state/lane-key.ts'
export { spanText } from './span-text.ts'
export { entriesIn, keepState, snapshotOf, type KeptState } from './state/snapshot.ts'
export { drainingAt } from './time/draining-at.ts'
export { NOTHING_WATCHED } from './time/own-clock.ts'
export { tokenNameOf } from './token-name.ts'
export { parseTraceparent, tracedActor, traceparentOf } from './traceparent.ts'
export { upcast } from './upcast.ts'
export {
  holdsInTree,
  inDifferentTrees,
  treeName,
  WORK_TREE_ID_LENGTH_MAX,
  WORK_TREE_PATH_LENGTH_MAX,
  type TreeOf,
} from './work-tree.ts'
export { canonical, literalPrefixes, RegionReader } from './region/index.ts'
export { dispositionOf, HealthInput, LivenessInput, PresenceInput, ReapInput } from './verdict/index.ts'
export { requestKey } from './state/entry-keys.ts'
