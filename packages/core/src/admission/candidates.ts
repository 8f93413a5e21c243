import type { Claim } from '../lease-events.ts'
import type { LeaseId } from '../ids.ts'
import type { LedgerState } from '../state/ledger-state.ts'
import { laneKey } from '../state/lane-key.ts'
import { regionOf } from '../state/regions.ts'
import { livesAlone } from './conflict.ts'

/** Every live lease that could conflict with the claim, found through the indexes; may give one twice, misses none. */
export function* candidates(state: LedgerState, claim: Claim): IterableIterator<LeaseId> {
  const { config } = state
  if (livesAlone(claim.lane, config)) {
    yield* state.leases.keys()
    return
  }
  yield* state.byLane.values(laneKey(claim.lane, config))
  for (const lane of config.exclusiveLanes) yield* state.byLane.values(laneKey(lane, config))
  if (claim.region.length > 0) {
    yield* state.regions.candidates(regionOf(claim.region, config.caseSensitive))
  }
}
