import {
  parseRegion,
  type Covering,
  type DrainingEntry,
  type EpochMs,
  type Lease,
  type LeaseId,
  type LedgerState,
} from '@holdfast/core'
import { conflictBetween, isSameLane, laneKey } from '@holdfast/core/internal'

/**
 * The first live lease that excludes `claim`, found through the state's indexes, so that one look costs what is near it
 * and not what is live. Expired leases count: law 4 asks for an event that ends them first.
 */
export function conflictingLease(state: LedgerState, claim: Covering, except: LeaseId | null): Lease | null {
  for (const leaseId of candidates(state, claim)) {
    if (leaseId === except) continue
    const lease = state.leases.get(leaseId)
    if (lease !== undefined && conflictBetween(claim, lease, state.config) !== null) return lease
  }
  return null
}

/** The first entry that drains at `nowMs` and excludes `claim`. */
export function conflictingDrain(state: LedgerState, claim: Covering, nowMs: EpochMs): DrainingEntry | null {
  for (const [, entry] of state.draining.live(nowMs)) {
    if (conflictBetween(claim, entry, state.config) !== null) return entry
  }
  return null
}

function* candidates(state: LedgerState, { lane, region }: Covering): IterableIterator<LeaseId> {
  const { exclusiveLanes, caseSensitive } = state.config
  const parsed = region.length === 0 ? null : parseRegion(region, { caseSensitive })
  // An exclusive lane is excluded by everything, and so are globs that cannot be read: they count as all paths.
  if (exclusiveLanes.some(exclusive => isSameLane(exclusive, lane, state.config)) || parsed?.ok === false) {
    yield* state.leases.keys()
    return
  }
  yield* state.byLane.values(laneKey(lane, state.config))
  for (const exclusive of exclusiveLanes) yield* state.byLane.values(laneKey(exclusive, state.config))
  if (parsed !== null) yield* state.regions.candidates(parsed.region)
}
