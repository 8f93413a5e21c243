export { LedgerFold } from './ledger/ledger-fold.ts'
export { loadLedger, SNAPSHOT_AFTER_EVENTS } from './ledger/load-ledger.ts'
export { FOLD_VERSION } from './ledger/snapshot-cache.ts'
export { project, stateProjection, type Projection } from './projection.ts'
export { queryLeases, queryStatus, type Folded } from './queries.ts'
export {
  countsProjection,
  haltsProjection,
  liveProjection,
  spawnsProjection,
  waitingProjection,
} from './state-projections.ts'
export { events$ } from './stream/events.ts'
export { follow$, type FollowOptions } from './stream/follow.ts'
export { HistoryTruncated } from './stream/history-truncated.ts'
export { liveLeases$ } from './stream/live-leases.ts'
export type { Timers } from './stream/timers.ts'
export { HALT_OVERDUE_MS, HaltJson, haltJson, HaltStatus, HaltView, haltViews } from './view/halt-view.ts'
export { Instant, instantOf } from './view/instant.ts'
export { LeaseJson, leaseJson, LeaseView, leaseViews } from './view/lease-view.ts'
export { SpawnJson, spawnJson, SpawnView, spawnViews } from './view/spawn-view.ts'
export { StatusJson, statusJson, StatusView, statusView } from './view/status-view.ts'
export { TicketJson, ticketJson, TicketView, ticketViews } from './view/ticket-view.ts'
export { LedgerCheck, Verification } from './verify/ledger-check.ts'
export { verifyLedger } from './verify/verify-ledger.ts'
