// Folds and queries, without RxJS: a one-shot command loads only what it uses. Live views: `@holdfast/projections/streams`.
export { LedgerFold } from './ledger/ledger-fold.ts'
export { loadLedger } from './ledger/load-ledger.ts'
export { LeaseLiveness, LivenessJson, livenessJson, LivenessView } from './liveness/lease-liveness.ts'
export type { LivenessPorts, Progress, ProgressSpan, ProgressSubject } from './liveness/liveness-ports.ts'
export { DEFAULT_LIVENESS_SETTINGS, LivenessSettings } from './liveness/liveness-settings.ts'
export { queryLiveness, type QueryLivenessOptions } from './liveness/query-liveness.ts'
export { explainEvent, type ExplainedEvent } from './past/explain-event.ts'
export { historyProjection } from './past/history.ts'
export { lineageProjection, type Lineage, type LineageEnd, type Ownership } from './past/lineage.ts'
export { readjudicate, type Adjudicated, type AdjudicatedRange, type Adjudication } from './past/readjudicate.ts'
export { stateAt, type HistoryPoint, type StateAt } from './past/state-at.ts'
export type { Past } from './past/past-projection.ts'
export { queryPast } from './past/query-past.ts'
export { querySince, type SinceQuery } from './past/query-since.ts'
export { contentionProjection, type Collisions, type Contention, type OpenWait } from './contention/contention.ts'
export {
  lateBeatsProjection,
  type BeatGap,
  type GapEnd,
  type HolderBeats,
  type LateBeats,
} from './contention/late-beats.ts'
export { runsProjection, type Run } from './past/runs.ts'
export { project, type Projection } from './projection.ts'
export { queryLeases, LeaseJson, leaseJson, LeaseView } from './view/lease-view.ts'
export { queryStatus, StatusJson, statusJson, StatusView } from './view/status-view.ts'
export {
  countsProjection,
  haltsProjection,
  liveProjection,
  spawnsProjection,
  waitingProjection,
} from './state-projections.ts'
export { DrainingJson, drainingJson, DrainingView, drainingViews } from './view/draining-view.ts'
export { HaltJson, haltJson, HaltStatus, HaltView, pendingHalts } from './view/halt-view.ts'
export { Instant, instantOf } from './view/instant.ts'
export { laneBlockers, type LaneBlockers, type LaneQuestion } from './view/lane-blockers.ts'
export { laneHolders, type LaneHolder } from './view/lane-holders.ts'
export { LineageJson, lineageJson } from './past/lineage-view.ts'
export { SpawnJson, spawnJson, SpawnView } from './view/spawn-view.ts'
export { WaitJson, waitJson, WaitView } from './view/wait-view.ts'
export { TicketJson, ticketJson, TicketView, ticketViews } from './view/ticket-view.ts'
export { LedgerCheck, Verification } from './verify/ledger-check.ts'
export { verifyLedger, type VerifyOptions } from './verify/verify-ledger.ts'
export { StoreError, type StoreErrorCode } from '@holdfast/store'
