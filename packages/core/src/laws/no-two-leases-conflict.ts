import { conflictBetween } from '../admission/conflict.ts'
import type { LogEntry } from '../log-entry.ts'
import type { Lease } from '../state/lease.ts'
import { liveLeases, type LedgerState } from '../state/ledger-state.ts'
import { different, EQUAL, type Comparison } from './comparison.ts'
import { CORE, type Folding } from './folding.ts'

/**
 * Law 4: in a history that `decide` produced no two live leases conflict at any revision, and none was granted over a
 * draining entry, as the log clock has it. Every pair is compared, without the index that decisions use. Imported histories were never decided
 * here and may fail it. test/core/law-04.
 */
export function noTwoLeasesConflict(entries: readonly LogEntry[], folding: Folding<LedgerState> = CORE): Comparison {
  let state = folding.initial()
  for (const entry of entries) {
    const draining = entry.type === 'ACQUIRE' ? [...state.draining.live(entry.recordedAt)] : []
    state = folding.evolve(state, entry)
    if (entry.type !== 'ACQUIRE' && entry.type !== 'CHECKPOINT') continue
    const lease = entry.type === 'ACQUIRE' ? state.leases.get(entry.data.leaseId) : undefined
    const answer = lease === undefined ? allPairs(state) : besideAll(state, lease)
    if (!answer.equal) return answer
    const over = lease && draining.find(([, drained]) => conflictBetween(lease, drained, state.config) !== null)
    if (lease !== undefined && over !== undefined) {
      return different(`$.leases.${lease.leaseId}`, 'not granted while it drains', over[1])
    }
  }
  return EQUAL
}

function allPairs(state: LedgerState): Comparison {
  for (const lease of liveLeases(state)) {
    const answer = besideAll(state, lease)
    if (!answer.equal) return answer
  }
  return EQUAL
}

function besideAll(state: LedgerState, lease: Lease): Comparison {
  for (const other of state.leases.values()) {
    if (other.leaseId === lease.leaseId || conflictBetween(lease, other, state.config) === null) continue
    return different(`$.leases.${lease.leaseId} at revision ${state.head}`, `nothing beside it`, other)
  }
  return EQUAL
}
