import { countedTimes } from './counted-times.ts'
import { drainingAt } from './draining-at.ts'
import type { Moment, OwnClock } from './own-clock.ts'
import { FOREVER_MS, ticketRefreshAtMs } from '../state/entries.ts'
import type { Lease } from '../state/lease.ts'
import type { LedgerState } from '../state/ledger-state.ts'

/** What changes at an instant although nobody writes. */
export type BoundaryCause =
  | 'lease-unsafe'
  | 'lease-expired'
  | 'orphan-grace-over'
  | 'silence-over-grace'
  | 'exit-final'
  | 'age-ceiling'
  | 'beat-age'
  | 'run-age'
  | 'work-age'
  | 'draining-over'
  | 'ticket-refresh-due'
  | 'ticket-over'
  | 'spawn-over'
  | 'halt-forgotten'
  | 'request-forgotten'
  | 'refusal-forgotten'
  | 'attempt-forgotten'
  | 'run-forgotten'

/** An instant from which something is answered otherwise. */
export interface Boundary {
  /** The first instant, on the log clock, at which the answer is another one. */
  readonly atMs: number
  readonly cause: BoundaryCause
}

/** The spans, in ms, of whoever judges by policies of his own: these do not stand in the log. */
export interface PolicySpans {
  /** Ages of a last beat that still count as one: `spinMs` of liveness, `stallMs` and `ttlMs` of health. */
  readonly beatAgesMs?: readonly number[] | undefined
  /** Ages below which a run is young: `graceMs` of liveness. */
  readonly runAgesMs?: readonly number[] | undefined
  /** How long a piece of work counts: the window of progress. */
  readonly workAgesMs?: readonly number[] | undefined
}

/**
 * The next instant after `nowMs` at which any answer may change without a new event; `null` when none will: what a command
 * is answered, what the memories hold, and how leases are judged, by local policies too where their spans are given. A
 * view sleeps until then or until an event, whichever comes first. With an own clock the answers of that decider are meant
 * too. The window in which a beat coalesces is its sender's, and no answer of the ledger. Linear in what is live.
 */
export function nextBoundary(
  state: LedgerState,
  nowMs: number,
  spans: PolicySpans = {},
  ownClock?: OwnClock,
): Boundary | null {
  let next: Boundary | null = null
  const moments = ownClock === undefined ? [{ nowMs }] : [{ nowMs }, { nowMs, ownClock }]
  for (const moment of moments) {
    for (const boundary of boundaries(state, moment, spans)) {
      if (boundary.atMs > nowMs && (next === null || boundary.atMs < next.atMs)) next = boundary
    }
  }
  return next
}

function* boundaries(state: LedgerState, moment: Moment, spans: PolicySpans): IterableIterator<Boundary> {
  const { nowMs } = moment
  for (const lease of state.leases.values()) {
    yield* boundariesOf(state, lease, moment)
    yield* agesOf(state, lease, { nowMs, spans })
  }
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
function* boundariesOf(state: LedgerState, lease: Lease, at: Moment): IterableIterator<Boundary> {
  const { config } = state
  const times = countedTimes(state, lease, at)
  yield { atMs: lease.safeUntilMs, cause: 'lease-unsafe' }
  yield { atMs: times.expiresAtMs, cause: 'lease-expired' }
  yield { atMs: times.orphanUntilMs, cause: 'orphan-grace-over' }
  if (lease.process !== null) yield { atMs: times.lastBeatAtMs + lease.graceMs + 1, cause: 'silence-over-grace' }
  if (lease.claim !== null) return
  if (times.exitAtMs !== null) yield { atMs: times.exitAtMs + config.finalisationGraceMs + 1, cause: 'exit-final' }
  yield { atMs: times.ownedSinceMs + config.ageCeilingMs + 1, cause: 'age-ceiling' }
}

/** Whoever judges a lease by its age, its run's or its work's. A lease without a run is a run of its own. */
function* agesOf(
  state: LedgerState,
  lease: Lease,
  { nowMs, spans }: { readonly nowMs: number; readonly spans: PolicySpans },
): IterableIterator<Boundary> {
  const { beatAgesMs = [], runAgesMs = [], workAgesMs = [] } = spans
  const run = lease.runId === null ? undefined : state.runs.get(lease.runId, nowMs)
  for (const ageMs of beatAgesMs) yield { atMs: lease.lastBeatAtMs + ageMs + 1, cause: 'beat-age' }
  for (const ageMs of runAgesMs) yield { atMs: (run?.startedAtMs ?? lease.acquiredAtMs) + ageMs, cause: 'run-age' }
  for (const ageMs of workAgesMs) {
    for (const workedAtMs of run?.workedAtMs ?? []) yield { atMs: workedAtMs + ageMs + 1, cause: 'work-age' }
  }
}
