import type { LogEntry } from '../log-entry.ts'
import { liveLeases, type LedgerState } from '../state/ledger-state.ts'
import type { Lease } from '../state/lease.ts'
import { compare, different, EQUAL, type Comparison } from './comparison.ts'
import { CORE, type Folding } from './folding.ts'

/**
 * Law 5: the tokens of grants and adoptions strictly increase, and an event under a token that is not live changes no
 * lease. test/core/law-05, which also holds decided commands to it.
 */
export function tokensIncrease(entries: readonly LogEntry[], folding: Folding<LedgerState> = CORE): Comparison {
  let state = folding.initial()
  let newest = -1
  for (const entry of entries) {
    const before = liveByToken(state)
    const stale = isStale(entry, state)
    state = folding.evolve(state, entry)
    const after = liveByToken(state)
    if (stale) {
      const answer = compare([...before.values()], [...after.values()], `$.leases at revision ${entry.revision}`)
      if (!answer.equal) return answer
    }
    if (entry.type === 'CHECKPOINT') newest = Math.max(newest, ...after.keys())
    else {
      for (const token of after.keys()) {
        if (before.has(token)) continue
        if (token <= newest) return different(`$.token at revision ${entry.revision}`, `above ${newest}`, token)
        newest = token
      }
    }
  }
  return EQUAL
}

function liveByToken(state: LedgerState): Map<number, Lease> {
  return new Map(liveLeases(state).map(lease => [lease.token, lease]))
}

function isStale(entry: LogEntry, state: LedgerState): boolean {
  switch (entry.type) {
    case 'RELEASE':
    case 'HEARTBEAT':
    case 'SCAVENGE':
      return entry.data.token !== null && state.leases.get(entry.data.leaseId)?.token !== entry.data.token
    case 'ADOPT': {
      const { leaseId, previousToken } = entry.data
      return previousToken !== null && state.leases.get(leaseId)?.token !== previousToken
    }
    case 'ACQUIRE':
    case 'HALT':
    case 'SPAWN':
    case 'REFUSE':
    case 'CHECKPOINT':
    case 'UNRECOGNISED':
      return false
  }
}
