import { FOREVER_MS, ticketRefreshAtMs } from './memory.ts'
import { orphanUntilMs, type Lease } from './lease.ts'
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
 * otherwise (`ttlMs`, `stallMs`, `spinMs`), since policies do not stand in the log. Linear in what is live.
 */
export function nextBoundary(state: LedgerState, nowMs: number, beatAgesMs: readonly number[] = []): Boundary | null {
  let next: Boundary | null = null
  for (const boundary of boundaries(state, nowMs, beatAgesMs)) {
    if (boundary.atMs > nowMs && (next === null || boundary.atMs < next.atMs)) next = boundary
  }
  return next
}

function* boundaries(state: LedgerState, nowMs: number, beatAgesMs: readonly number[]): IterableIterator<Boundary> {
  for (const lease of state.leases.values()) yield* boundariesOf(state, lease, beatAgesMs)
  for (const [, ticket] of state.tickets.live(nowMs)) {
    yield { atMs: ticketRefreshAtMs(ticket), cause: 'ticket-refresh-due' }
  }
  for (const [map, cause] of [
    [state.draining, 'draining-over'],
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
  { config }: LedgerState,
  lease: Lease,
  beatAgesMs: readonly number[],
): IterableIterator<Boundary> {
  yield { atMs: lease.safeUntilMs, cause: 'lease-unsafe' }
  yield { atMs: lease.expiresAtMs, cause: 'lease-expired' }
  yield { atMs: orphanUntilMs(lease, config.orphanGraceMs), cause: 'orphan-grace-over' }
  if (lease.process !== null) yield { atMs: lease.lastBeatAtMs + lease.graceMs + 1, cause: 'silence-over-grace' }
  for (const ageMs of beatAgesMs) yield { atMs: lease.lastBeatAtMs + ageMs + 1, cause: 'beat-age' }
  if (lease.claim !== null) return
  if (lease.exit !== null) yield { atMs: lease.exit.atMs + config.finalisationGraceMs + 1, cause: 'exit-final' }
  yield { atMs: lease.ownedSinceMs + config.ageCeilingMs + 1, cause: 'age-ceiling' }
}
