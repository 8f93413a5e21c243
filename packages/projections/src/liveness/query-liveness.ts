import type { EpochMs, Lease, LedgerState } from '@holdfast/core'
import { decisionTime } from '@holdfast/core/internal'
import type { LogStore } from '@holdfast/store'
import type { Folded } from '../view/lease-view.ts'
import type { LeaseLiveness, LivenessView } from './lease-liveness.ts'
import type { LivenessPorts } from './liveness-ports.ts'
import { DEFAULT_LIVENESS_SETTINGS, type LivenessSettings } from './liveness-settings.ts'
import { lookAtLease, lookAtLiveness } from './look-at-liveness.ts'

export interface QueryLivenessOptions extends LivenessPorts {
  /** Default `DEFAULT_LIVENESS_SETTINGS`. */
  readonly settings?: LivenessSettings | undefined
}

/**
 * Whether each live lease is moving, now on the log clock, and what is to stop or start. All that it needs of the log is
 * in the fold. Rejects with a `StoreError`, or with the error of a port.
 */
export async function queryLiveness(
  store: LogStore,
  stream: string,
  { state }: Folded,
  options: QueryLivenessOptions = {},
): Promise<LivenessView> {
  const { settings = DEFAULT_LIVENESS_SETTINGS, ...ports } = options
  const nowMs = decisionTime(state, await store.now(stream))
  const { view } = await lookAtLiveness(state, nowMs, { settings, ports })
  return view
}

/** Whether one lease of a folded ledger is moving, at an instant of the log clock. Rejects with the error of a port. */
export function queryLeaseLiveness(
  { state }: { readonly state: LedgerState },
  lease: Lease,
  nowMs: EpochMs,
  options: QueryLivenessOptions = {},
): Promise<LeaseLiveness> {
  const { settings = DEFAULT_LIVENESS_SETTINGS, ...ports } = options
  return lookAtLease(state, lease, nowMs, { settings, ports })
}
