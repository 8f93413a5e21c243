import type { LeaseId } from '../ids.ts'
import type { Lease } from './lease.ts'
import type { LedgerState } from './ledger-state.ts'
import { laneKey } from './lane-key.ts'
import { regionOf } from './regions.ts'

/** Adds a lease and its index entries. */
export function addLease(state: LedgerState, lease: Lease): void {
  removeLease(state, lease.leaseId)
  state.leases.set(lease.leaseId, lease)
  state.byLane.add(laneKey(lease.lane, state.config), lease.leaseId)
  if (lease.kind !== null) state.byKind.add(lease.kind, lease.leaseId)
  if (lease.region.length > 0) {
    state.regions.add(regionOf(lease.region, state.config.caseSensitive), lease.leaseId)
  }
}

/** Replaces a lease whose lane, kind and region stay as they are. */
export function replaceLease(state: LedgerState, lease: Lease): void {
  state.leases.set(lease.leaseId, lease)
}

/** Removes a lease and its index entries; nothing if it is not live. */
export function removeLease(state: LedgerState, leaseId: LeaseId): void {
  const lease = state.leases.get(leaseId)
  if (lease === undefined) return
  state.leases.delete(leaseId)
  state.byLane.delete(laneKey(lease.lane, state.config), leaseId)
  if (lease.kind !== null) state.byKind.delete(lease.kind, leaseId)
  if (lease.region.length > 0) {
    state.regions.delete(regionOf(lease.region, state.config.caseSensitive), leaseId)
  }
}

/** The live leases of these ids, each once: what an index names. */
export function leasesNamed(state: LedgerState, leaseIds: Iterable<LeaseId>): Lease[] {
  return Array.from(new Set(leaseIds), leaseId => state.leases.get(leaseId)).filter(lease => lease !== undefined)
}
