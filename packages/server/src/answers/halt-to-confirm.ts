import type { EpochMs, LedgerState } from '@holdfast/core'
import { isSameLane } from '@holdfast/core/internal'
import { pendingHalts, type HaltView } from '@holdfast/projections'

/** The oldest stop intent that the lease has still to obey: whoever gives it up then says that it has. */
export function haltToConfirm(
  state: LedgerState,
  { lane, token }: { readonly lane: string; readonly token: number },
  nowMs: EpochMs,
): HaltView | undefined {
  return pendingHalts(state, nowMs).find(halt => {
    const bound = halt.leaseId === null ? undefined : state.leases.get(halt.leaseId)
    return halt.token === token && bound !== undefined && isSameLane(bound.lane, lane, state.config)
  })
}
