import type { Lease } from '../state/lease.ts'
import type { LedgerState } from '../state/ledger-state.ts'
import type { DrainingEntry } from '../state/memory.ts'
import { conflictBetween } from './conflict.ts'

/**
 * The draining entries that stand over a lease: while there is one, somebody with an older token may still believe that
 * he holds what this lease covers, so no guard of it may open.
 */
export function drainsOver(state: LedgerState, lease: Lease, nowMs: number): DrainingEntry[] {
  const entries: DrainingEntry[] = []
  for (const [, entry] of state.draining.live(nowMs)) {
    // After a restore nobody knows whose token is the newest: leases from before it wait like later ones.
    const isOlder = entry.ledgerWide === true || entry.token < lease.token
    if (isOlder && conflictBetween(lease, entry, state.config) !== null) entries.push(entry)
  }
  return entries
}
