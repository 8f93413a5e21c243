// Folds and queries, without RxJS: a one-shot command loads only what it uses. Live views: `@holdfast/projections/streams`.
export { LedgerFold } from './ledger/ledger-fold.ts'
export { cacheFold, loadLedger, SNAPSHOT_AFTER_EVENTS } from './ledger/load-ledger.ts'
export { FOLD_VERSION } from './ledger/snapshot-cache.ts'
export { LeaseLiveness, LivenessJson, livenessJson, LivenessView } from './liveness/lease-liveness.ts'
export type { LivenessPorts, Progress, ProgressSpan, ProgressSubject } from './liveness/liveness-ports.ts'
export { DEFAULT_LIVENESS_SETTINGS, LivenessSettings } from './liveness/liveness-settings.ts'
export { queryLeaseLiveness, queryLiveness, type QueryLivenessOptions } from './liveness/query-liveness.ts'
export { explainEvent, type ExplainedEvent } from './past/explain-event.ts'
export { concerns, historyProjection, type HistoryOf } from './past/history.ts'
export { leaseChanges, type LeaseChange, type LeaseChanges } from './past/lease-changes.ts'
export { lineageProjection, type Lineage, type LineageEnd, type Ownership } from './past/lineage.ts'
export { readjudicate, type Adjudicated, type AdjudicatedRange, type Adjudication } from './past/readjudicate.ts'
export { readPast, type PastOf } from './past/read-past.ts'
export { stateAt, type HistoryPoint, type StateAt } from './past/state-at.ts'
export type { Past } from './past/past-projection.ts'
export { queryPast } from './past/query-past.ts'
export { runsProjection, type Run } from './past/runs.ts'
export { project, stateProjection, type Projection } from './projection.ts'
export { queryLeases, type Folded } from './query-leases.ts'
export { queryStatus } from './query-status.ts'
export {
  countsProjection,
  haltsProjection,
  liveProjection,
  spawnsProjection,
  waitingProjection,
} from './state-projections.ts'
export { HALT_OVERDUE_MS, HaltJson, haltJson, HaltStatus, HaltView, haltViews } from './view/halt-view.ts'
export { Instant, instantOf } from './view/instant.ts'
export { laneHolders, type LaneHolder } from './view/lane-holders.ts'
export { drainsOf, LeaseJson, leaseJson, LeaseView, leaseViews } from './view/lease-view.ts'
export { LineageJson, lineageJson } from './view/lineage-view.ts'
export { SpawnJson, spawnJson, SpawnView, spawnViews } from './view/spawn-view.ts'
export { StatusJson, statusJson, StatusView, statusView } from './view/status-view.ts'
export { TicketJson, ticketJson, TicketView, ticketViews } from './view/ticket-view.ts'
export { LedgerCheck, Verification } from './verify/ledger-check.ts'
export { verifyLedger } from './verify/verify-ledger.ts'
