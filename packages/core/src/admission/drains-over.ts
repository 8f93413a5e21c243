import type { Lease } from '../state/lease.ts'
import type { LedgerState } from '../state/ledger-state.ts'
import type { DrainingEntry } from '../state/memory.ts'
import { drainingAt } from '../time/draining-at.ts'
import type { OwnClock } from '../time/own-clock.ts'
import { conflictBetween } from './conflict.ts'

/**
 * The draining entries that stand over a lease: while there is one, somebody with an older token may still believe that
 * he holds what this lease covers, so no guard of it may open. Where the log clock can step, whoever asks says what he
 * has watched (`ownClock`).
 */
export function drainsOver(state: LedgerState, lease: Lease, nowMs: number, ownClock?: OwnClock): DrainingEntry[] {
  const entries: DrainingEntry[] = []
  for (const entry of drainingAt(state, { nowMs, ownClock })) {
    // After a restore nobody knows whose token is the newest: leases from before it wait like later ones.
    const isOlder = entry.ledgerWide === true || entry.token < lease.token
    if (isOlder && conflictBetween(lease, entry, state.config) !== null) entries.push(entry)
  }
  return entries
}
