import {
  evolve,
  initialState,
  type LedgerState,
  type LogEntry,
  type RecordedEvent,
  type Revision,
} from '@holdfast/core'
import { nextRevision } from '@holdfast/core/internal'
import { readHistory, type HistoryAccess, type LogStore } from '@holdfast/store'
import { keepPast, newestState } from './keep-past.ts'

/** Where in a history: after a revision, or at an instant of the log clock. */
export type HistoryPoint = { readonly revision: number } | { readonly atMs: number }

/**
 * Entries that are folded to a point from the nearest beginning, where a store keeps states: automatic compaction writes a
 * CHECKPOINT more often than this. Where none is that near, states are kept first, up to the point.
 */
export const FOLDED_MAX = 12_288

/** A ledger as it was. */
export interface StateAt {
  /** The fold of everything that is not after the point; its head is -1 where nothing is that old. */
  readonly state: LedgerState
  /** The newest entry in it. Not the one that was asked for where that falls into a gap, or was dropped. */
  readonly newest: LogEntry | null
}

/**
 * The state at a point: folded from the newest CHECKPOINT of archive and log, or kept state, that is not after it, else
 * from the beginning. So no point pays for the history before it. Rejects as the store does.
 */
export async function stateAt(store: LogStore, stream: string, point: HistoryPoint): Promise<StateAt> {
  const { past } = store
  if (past === undefined || 'revision' in point) return foldUpTo(store, stream, point)
  const revision = await past.revisionAt(stream, point.atMs)
  return revision === null ? nothing() : foldUpTo(store, stream, { revision })
}

function nothing(): StateAt {
  return { state: initialState(), newest: null }
}

async function foldUpTo(store: LogStore, stream: string, point: HistoryPoint): Promise<StateAt> {
  let { state, newest } = await startUpTo(store, stream, point)
  const from = newest === null ? undefined : nextRevision(newest.revision)
  const isThere = (): boolean => 'revision' in point && state.head >= point.revision
  if (isThere()) return { state, newest }
  for await (const entries of readHistory(store, stream, { from })) {
    for (const entry of entries) {
      if (isAfter(entry, point)) return { state, newest }
      state = evolve(state, entry)
      newest = entry
    }
    if (isThere()) break
  }
  return { state, newest }
}

async function startUpTo(store: LogStore, stream: string, point: HistoryPoint): Promise<StateAt> {
  const checkpoint = await loggedUpTo(store, stream, point)
  const { past } = store
  if (past === undefined || !('revision' in point)) return checkpoint ?? nothing()
  const { revision } = point
  const lag = (start: StateAt | null): number => revision - (start?.newest?.revision ?? 0)
  const written = checkpoint ?? (await archivedUpTo(past, stream, revision))
  if (lag(written) === 0 && written !== null) return written
  const start = (await keptBehind(past, stream, written, revision)) ?? written
  if (lag(start) <= FOLDED_MAX) return start ?? nothing()
  await keepPast(store, stream, { upTo: revision })
  return (await keptBehind(past, stream, start, revision)) ?? start ?? nothing()
}

/** Begins at a CHECKPOINT; `null`: its state cannot be read. */
function startAt(checkpoint: RecordedEvent<'CHECKPOINT'>): StateAt | null {
  const state = evolve(initialState(), checkpoint)
  return state.ledgerId === null ? null : { state, newest: checkpoint }
}

async function loggedUpTo(store: LogStore, stream: string, point: HistoryPoint): Promise<StateAt | null> {
  let before = 'revision' in point ? ((point.revision + 1) as Revision) : undefined
  for (;;) {
    const found = await store.latestCheckpoint(stream, before)
    if (found === null) return null
    const start = isAfter(found, point) ? null : startAt(found)
    if (start !== null) return start
    before = found.revision
  }
}

async function archivedUpTo(past: HistoryAccess, stream: string, revision: number): Promise<StateAt | null> {
  let before = (revision + 1) as Revision
  for (;;) {
    const found = await past.archivedCheckpoint(stream, before)
    if (found === null) return null
    const start = startAt(found)
    if (start !== null) return start
    before = found.revision
  }
}

/** The newest kept state behind a start that is not after a revision, with the entry that it was taken after. */
async function keptBehind(
  past: HistoryAccess,
  stream: string,
  start: StateAt | null,
  upTo: number,
): Promise<StateAt | null> {
  const state = await newestState(past, stream, { upTo, after: start?.newest?.revision ?? -1 })
  if (state === null || state.head === -1) return null
  // What was dropped from the archive is a state of nothing that can be read.
  for await (const [newest] of past.at(stream, [state.head])) if (newest !== undefined) return { state, newest }
  return null
}

function isAfter(entry: LogEntry, point: HistoryPoint): boolean {
  return 'revision' in point ? entry.revision > point.revision : entry.recordedAt > point.atMs
}
