import { evolve } from '../evolve/evolve.ts'
import type { LogEntry } from '../log-entry.ts'
import { initialState, type LedgerState } from '../state/ledger-state.ts'
import { comparableState } from './comparable-state.ts'

/**
 * Anything that folds a ledger's log: core's state, or a projection's. The laws are stated over this, so that whoever
 * folds can be held to them.
 */
export interface Folding<S> {
  readonly initial: () => S
  /** May change `state` in place. */
  readonly evolve: (state: S, entry: LogEntry) => S
  /** What two states are compared by: plain data. */
  readonly view: (state: S) => unknown
}

/** The fold of core. */
export const CORE: Folding<LedgerState> = { initial: initialState, evolve, view: comparableState }

/** Folds `entries` by anybody's fold, onto `onto` (which it may consume). */
export function foldWith<S>(folding: Folding<S>, entries: Iterable<LogEntry>, onto: S = folding.initial()): S {
  let state = onto
  for (const entry of entries) state = folding.evolve(state, entry)
  return state
}
