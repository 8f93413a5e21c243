import type { EpochMs, LedgerState } from '@holdfast/core'
import { liveProjection } from './state-projections.ts'
import type { LeaseView } from './view/lease-view.ts'
import { statusView, type StatusView } from './view/status-view.ts'

/** A folded ledger: a `LedgerFold`, or whatever else keeps one. */
export interface Folded {
  readonly state: LedgerState
}

/** The live set at `nowMs` on the log clock, in the order of its ACQUIREs; expired leases are in it, marked. */
export function queryLeases({ state }: Folded, nowMs: EpochMs): LeaseView[] {
  return liveProjection.view(state, nowMs)
}

/** The ledger at a glance. */
export function queryStatus({ state }: Folded, nowMs: EpochMs): StatusView {
  return statusView(state, nowMs)
}
