import type { LeaseId } from '../ids.ts'
import type { Lease } from '../state/lease.ts'
import type { LedgerState } from '../state/ledger-state.ts'
import { leasesNamed } from '../state/live-set.ts'
import type { DrainingEntry } from '../state/entries.ts'
import { drainingAt } from '../time/draining-at.ts'
import type { OwnClock } from '../time/own-clock.ts'
import { budgetOf } from './budget.ts'
import { candidates } from './candidates.ts'
import { conflictBetween } from './conflict.ts'

/**
 * The draining entries that keep the guard of a lease closed: somebody who may still believe in one of them could not be
 * live together with this lease, by conflict, by an exclusive lane, or because the budget of its kind would be exceeded.
 * If nothing else happens, the guard opens when the last of them is over. Where the log clock can step, whoever asks
 * says what he has watched (`ownClock`).
 *
 * Each time is bounded and nothing prolongs an entry, so no holder is kept out for ever, by his own old token either.
 */
export function drainsOver(state: LedgerState, lease: Lease, nowMs: number, ownClock?: OwnClock): DrainingEntry[] {
  return keepingClosed(state, lease, [...drainingAt(state, { nowMs, ownClock })])
}

/**
 * As `drainsOver` for every live lease at once, on the log clock; leases with an open guard are left out. What conflicts
 * is found through the indexes, from what drains.
 */
export function drainsOverAll(state: LedgerState, nowMs: number): ReadonlyMap<LeaseId, DrainingEntry[]> {
  const draining = [...drainingAt(state, { nowMs })]
  const touched = new Set<LeaseId>()
  for (const entry of draining) {
    for (const leaseId of entry.ledgerWide === true ? state.leases.keys() : candidates(state, entry))
      touched.add(leaseId)
    if (entry.kind !== null) for (const leaseId of state.byKind.values(entry.kind)) touched.add(leaseId)
  }
  const over = new Map<LeaseId, DrainingEntry[]>()
  for (const lease of leasesNamed(state, touched)) {
    const entries = keepingClosed(state, lease, draining)
    if (entries.length > 0) over.set(lease.leaseId, entries)
  }
  return over
}

/** Those of `draining` that keep the guard of `lease` closed. */
function keepingClosed(state: LedgerState, lease: Lease, draining: readonly DrainingEntry[]): DrainingEntry[] {
  const conflicting = draining.filter(entry => conflictBetween(lease, entry, state.config) !== null)
  const known = new Set(conflicting)
  return [...conflicting, ...overBudget(state, lease, draining).filter(entry => !known.has(entry))]
}

/**
 * The entries that have to end before the lease fits into the budget of its kind, the earliest first. Counted is who
 * came before: a later token has counted this lease itself, and whoever reads his own grant has read all before it, so
 * a guard never opens on a log that was read too late. A live lease counts when its time is over too: its holder may come
 * back with a late beat. Where a configuration took more leases than it has shares for, they all go on, and only what
 * drains is waited for.
 */
function overBudget(state: LedgerState, lease: Lease, draining: readonly DrainingEntry[]): DrainingEntry[] {
  const { kind, token } = lease
  const budget = budgetOf(kind, state.config)
  if (kind === null || budget === null) return []
  const drains = draining.filter(entry => entry.kind === kind && entry.token < token)
  if (drains.length === 0) return []
  let earlier = 0
  for (const leaseId of state.byKind.values(kind)) {
    const other = state.leases.get(leaseId)
    if (other !== undefined && other.leaseId !== lease.leaseId && other.token < token) earlier += 1
  }
  const tooMany = drains.length + earlier + 1 - budget
  return drains.sort((a, b) => a.untilMs - b.untilMs).slice(0, Math.max(0, tooMany))
}
