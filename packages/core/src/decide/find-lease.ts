import type { Lane, Token } from '../ids.ts'
import { laneKey } from '../state/lane-key.ts'
import type { Lease } from '../state/lease.ts'
import type { LedgerState } from '../state/ledger-state.ts'
import { leasesNamed } from '../state/live-set.ts'
import type { NotHeld, StaleToken } from './outcome.ts'

export type Found = { readonly lease: Lease } | NotHeld | StaleToken

/** The live lease of a lane at exactly this token. */
export function findLease(state: LedgerState, lane: Lane, token: Token): Found {
  const leases = liveOnLane(state, lane)
  const lease = leases.find(candidate => candidate.token === token)
  if (lease !== undefined) return { lease }
  if (leases.length === 0) return { outcome: 'not-held' }
  return { outcome: 'stale-token', tokens: leases.map(candidate => candidate.token) }
}

/** The live leases of a lane (several only when all are shared), in the order of their ACQUIREs. */
export function liveOnLane(state: LedgerState, lane: Lane): Lease[] {
  return leasesNamed(state, state.byLane.values(laneKey(lane, state.config))).sort((a, b) => a.place - b.place)
}
