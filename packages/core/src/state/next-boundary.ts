import { countedTimes } from '../time/counted-times.ts'
import { drainingAt } from '../time/draining-at.ts'
import type { Moment, OwnClock } from '../time/own-clock.ts'
import { FOREVER_MS, ticketRefreshAtMs } from './memory.ts'
import type { Lease } from './lease.ts'
import type { LedgerState } from './ledger-state.ts'

/** What changes at an instant although nobody writes. */
export type BoundaryCause =
  | 'lease-unsafe'
  | 'lease-expired'
  | 'orphan-grace-over'
  | 'silence-over-grace'
  | 'exit-final'
  | 'age-ceiling'
  | 'beat-age'
  | 'draining-over'
  | 'ticket-refresh-due'
  | 'ticket-over'
  | 'spawn-over'
  | 'halt-forgotten'
  | 'request-forgotten'
  | 'refusal-forgotten'
  | 'attempt-forgotten'
  | 'run-forgotten'

export interface Boundary {
  /** The first instant, on the log clock, at which the answer is another one. */
  readonly atMs: number
  readonly cause: BoundaryCause
}

/**
 * The next instant after `nowMs` at which any answer may change without a new event; `null` when none will. A view sleeps
 * until then or until an event, whichever comes first. `beatAgesMs`: ages of a last beat past which a local policy judges
 * otherwise (`ttlMs`, `stallMs`, `spinMs`), since policies do not stand in the log. With an own clock the answers of that
 * decider are meant too. Linear in what is live.
 */
export function nextBoundary(
  state: LedgerState,
  nowMs: number,
  beatAgesMs: readonly number[] = [],
  ownClock?: OwnClock,
): Boundary | null {
  let next: Boundary | null = null
  const moments = ownClock === undefined ? [{ nowMs }] : [{ nowMs }, { nowMs, ownClock }]
  for (const moment of moments) {
    for (const boundary of boundaries(state, moment, beatAgesMs)) {
      if (boundary.atMs > nowMs && (next === null || boundary.atMs < next.atMs)) next = boundary
    }
  }
  return next
}

function* boundaries(state: LedgerState, moment: Moment, beatAgesMs: readonly number[]): IterableIterator<Boundary> {
  const { nowMs } = moment
  for (const lease of state.leases.values()) yield* boundariesOf(state, lease, { ...moment, beatAgesMs })
  for (const { untilMs } of drainingAt(state, moment)) yield { atMs: untilMs, cause: 'draining-over' }
  for (const [, ticket] of state.tickets.live(nowMs)) {
    yield { atMs: ticketRefreshAtMs(ticket), cause: 'ticket-refresh-due' }
  }
  for (const [map, cause] of [
    [state.tickets, 'ticket-over'],
    [state.spawns, 'spawn-over'],
    [state.halts, 'halt-forgotten'],
    [state.requests, 'request-forgotten'],
    [state.refusals, 'refusal-forgotten'],
    [state.attempts, 'attempt-forgotten'],
    [state.runs, 'run-forgotten'],
  ] as const) {
    for (const [, { untilMs }] of map.live(nowMs)) if (untilMs < FOREVER_MS) yield { atMs: untilMs, cause }
  }
}

/** Where a rule says "longer than", the answer changes one millisecond later. */
function* boundariesOf(
  state: LedgerState,
  lease: Lease,
  at: Moment & { readonly beatAgesMs: readonly number[] },
): IterableIterator<Boundary> {
  const { config } = state
  const times = countedTimes(state, lease, at)
  yield { atMs: lease.safeUntilMs, cause: 'lease-unsafe' }
  yield { atMs: times.expiresAtMs, cause: 'lease-expired' }
  yield { atMs: times.orphanUntilMs, cause: 'orphan-grace-over' }
  if (lease.process !== null) yield { atMs: times.lastBeatAtMs + lease.graceMs + 1, cause: 'silence-over-grace' }
  for (const ageMs of at.beatAgesMs) yield { atMs: lease.lastBeatAtMs + ageMs + 1, cause: 'beat-age' }
  if (lease.claim !== null) return
  if (times.exitAtMs !== null) yield { atMs: times.exitAtMs + config.finalisationGraceMs + 1, cause: 'exit-final' }
  yield { atMs: times.ownedSinceMs + config.ageCeilingMs + 1, cause: 'age-ceiling' }
}
