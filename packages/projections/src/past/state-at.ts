import { evolve, initialState, type LedgerState, type LogEntry } from '@holdfast/core'
import { readHistory, type LogStore } from '@holdfast/store'

/** Where in a history: after a revision, or at an instant of the log clock. */
export type HistoryPoint = { readonly revision: number } | { readonly atMs: number }

/** A ledger as it was. */
export interface StateAt {
  /** The fold of everything that is not after the point; its head is -1 where nothing is that old. */
  readonly state: LedgerState
  /** The newest entry in it. Not the one that was asked for where that falls into a gap, or was dropped. */
  readonly newest: LogEntry | null
}

/** Folds archive and log up to a point. Rejects as the store does. */
export async function stateAt(store: LogStore, stream: string, point: HistoryPoint): Promise<StateAt> {
  let state = initialState()
  let newest: LogEntry | null = null
  for await (const entries of readHistory(store, stream)) {
    for (const entry of entries) {
      if (isAfter(entry, point)) return { state, newest }
      state = evolve(state, entry)
      newest = entry
    }
  }
  return { state, newest }
}

function isAfter(entry: LogEntry, point: HistoryPoint): boolean {
  return 'revision' in point ? entry.revision > point.revision : entry.recordedAt > point.atMs
}
