import { evolve, initialState, type EpochMs, type LedgerState, type LogEntry } from '@holdfast/core'

/**
 * One way to look at a ledger: a fold over its entries, and what the fold answers at an instant.
 *
 * `basis` says what the fold needs: `state` views restore from the newest CHECKPOINT alone (law 2a), `past` views need
 * every entry that ever was, archive included (law 2b).
 */
export interface Projection<S, V> {
  readonly name: string
  readonly basis: 'state' | 'past'
  readonly initial: () => S
  /** Total. May change `state` in place: it belongs to whoever folds. */
  readonly evolve: (state: S, entry: LogEntry) => S
  /** Pure. `nowMs` is an instant of the log clock: views change with time alone, because leases expire. */
  readonly view: (state: S, nowMs: EpochMs) => V
}

/** The fold of `entries`, onto `onto` (which it consumes) or onto nothing. */
export function project<S, V>(
  projection: Projection<S, V>,
  entries: Iterable<LogEntry>,
  onto: S = projection.initial(),
): S {
  let state = onto
  for (const entry of entries) state = projection.evolve(state, entry)
  return state
}

/** A view of the ledger's own state: what a CHECKPOINT restores is enough for it. */
export function stateProjection<V>(
  name: string,
  view: (state: LedgerState, nowMs: EpochMs) => V,
): Projection<LedgerState, V> {
  return { name, basis: 'state', initial: initialState, evolve, view }
}
