import {
  evolve,
  initialState,
  nextRevision,
  type LedgerState,
  type LogEntry,
  type RecordedEvent,
  type Revision,
} from '@holdfast/core'
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

/**
 * The state at a point: folded from the newest CHECKPOINT in the log that is not after it, else from the beginning of
 * archive and log. So a recent point does not pay for what was archived. Rejects as the store does.
 */
export async function stateAt(store: LogStore, stream: string, point: HistoryPoint): Promise<StateAt> {
  const start = await checkpointUpTo(store, stream, point)
  let state = start === null ? initialState() : evolve(initialState(), start)
  let newest: LogEntry | null = start
  const from = start === null ? undefined : nextRevision(start.revision)
  for await (const entries of readHistory(store, stream, { from })) {
    for (const entry of entries) {
      if (isAfter(entry, point)) return { state, newest }
      state = evolve(state, entry)
      newest = entry
    }
  }
  return { state, newest }
}

async function checkpointUpTo(
  store: LogStore,
  stream: string,
  point: HistoryPoint,
): Promise<RecordedEvent<'CHECKPOINT'> | null> {
  const before = 'revision' in point ? ((point.revision + 1) as Revision) : undefined
  let found = await store.latestCheckpoint(stream, before)
  while (found !== null && isAfter(found, point)) found = await store.latestCheckpoint(stream, found.revision)
  return found
}

function isAfter(entry: LogEntry, point: HistoryPoint): boolean {
  return 'revision' in point ? entry.revision > point.revision : entry.recordedAt > point.atMs
}
