import { countedTimes, type EpochMs, type Lane, type LedgerState, type Moment } from '@holdfast/core'
import { isSameLane } from '@holdfast/core/internal'
import { leaseViews, type LeaseView } from './lease-view.ts'

/**
 * A lease that holds its lane, and from when on the log clock it does not, if nothing else happens; `null`: never, for it
 * asked for a reaper, and no time ends it: only its holder's release, or a reaper once its work is over.
 */
export interface LaneHolder {
  readonly lease: LeaseView
  readonly untilMs: number | null
}

/**
 * Who holds a lane at a moment. An expired lease holds nothing, unless it waits for its reaper. Where the log clock can
 * step one may look expired that is not, so it holds until its time is over for whoever asks; its view still says `expired`
 * by the log clock.
 */
export function laneHolders(
  state: LedgerState,
  lane: Lane,
  moment: Moment & { readonly nowMs: EpochMs },
): readonly LaneHolder[] {
  const { nowMs } = moment
  return leaseViews(state, nowMs)
    .filter(view => isSameLane(view.lane, lane, state.config))
    .flatMap((view): readonly LaneHolder[] => {
      const lease = state.leases.get(view.leaseId)
      if (lease === undefined) return []
      if (lease.reap === 'required') return [{ lease: view, untilMs: null }]
      const untilMs = countedTimes(state, lease, moment).expiresAtMs
      return untilMs > nowMs ? [{ lease: view, untilMs }] : []
    })
}
