import type { LogEntry } from '../log-entry.ts'
import { liveLeases, type LedgerState } from '../state/ledger-state.ts'
import { compare, EQUAL, type Comparison } from './comparison.ts'
import { CORE, type Folding } from './folding.ts'

/** Law 6: intents and refusals (HALT, SPAWN, REFUSE) never change the live set. test/core/law-06. */
export function intentsChangeNoLease(entries: readonly LogEntry[], folding: Folding<LedgerState> = CORE): Comparison {
  let state = folding.initial()
  for (const entry of entries) {
    const isIntent = entry.type === 'HALT' || entry.type === 'SPAWN' || entry.type === 'REFUSE'
    const before = isIntent ? liveLeases(state) : []
    state = folding.evolve(state, entry)
    if (!isIntent) continue
    const answer = compare(before, liveLeases(state), `$.leases at revision ${entry.revision}`)
    if (!answer.equal) return answer
  }
  return EQUAL
}
