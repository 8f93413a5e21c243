import type { EpochMs } from '@holdfast/core'
import type { Folded } from './query-leases.ts'
import { statusView, type StatusView } from './view/status-view.ts'

/** The ledger at a glance. */
export function queryStatus({ state }: Folded, nowMs: EpochMs): StatusView {
  return statusView(state, nowMs)
}
