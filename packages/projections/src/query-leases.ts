import type { EpochMs, LedgerState } from '@holdfast/core'
import { leaseViews, type LeaseView } from './view/lease-view.ts'

/** A folded ledger: a `LedgerFold`, or whatever else keeps one. */
export interface Folded {
  readonly state: LedgerState
}

/** The live set at `nowMs` on the log clock, in the order of its ACQUIREs; expired leases are in it, marked. */
export function queryLeases({ state }: Folded, nowMs: EpochMs): LeaseView[] {
  return leaseViews(state, nowMs)
}
