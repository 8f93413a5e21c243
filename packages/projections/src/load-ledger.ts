import { CheckpointData, checkpointData, EventId, restoreState, Revision, type LedgerId } from '@holdfast/core'
import type { LogStore } from '@holdfast/store'
import * as z from 'zod'
import { LedgerFold } from './ledger-fold.ts'

/** Entries folded beyond the newest snapshot or CHECKPOINT before a new snapshot is worth its write. */
export const SNAPSHOT_AFTER_EVENTS = 1000

/** Changes whenever the fold's meaning or its snapshot does: an older snapshot is then ignored. */
export const FOLD_VERSION = 'fold-1'

/** A cached fold as it stands in a snapshot: a CHECKPOINT's data, and the event that it was taken after. */
const CachedFold = z.object({ checkpoint: CheckpointData, head: Revision, lastEventId: EventId })

/**
 * Folds a stream up to its present head: from the newest snapshot that can be believed, else from the newest
 * CHECKPOINT. So the cost depends on what happened since, not on the length of the history. A snapshot that is damaged,
 * foreign, of another code version or not of this very history is ignored.
 */
export async function loadLedger(store: LogStore, stream: string): Promise<LedgerFold> {
  const checkpoint = await store.latestCheckpoint(stream)
  const cached =
    checkpoint === null ? null : await loadCached(store, stream, checkpoint.data.ledgerId, checkpoint.revision)
  const fold = cached ?? new LedgerFold()
  const from = cached === null ? checkpoint?.revision : fold.state.head
  let folded = 0
  for await (const entries of store.read(stream, from === undefined || from === -1 ? {} : { from })) {
    fold.absorb(entries)
    folded += entries.length
  }
  if (folded > SNAPSHOT_AFTER_EVENTS) await saveCached(store, stream, fold)
  return fold
}

async function loadCached(
  store: LogStore,
  stream: string,
  ledgerId: LedgerId,
  checkpointRevision: Revision,
): Promise<LedgerFold | null> {
  const snapshot = await store.loadSnapshot(stream, { ledgerId, codeVersion: FOLD_VERSION })
  if (snapshot === null || snapshot.throughRevision < checkpointRevision) return null
  const parsed = CachedFold.safeParse(snapshot.state)
  if (!parsed.success || parsed.data.head !== snapshot.throughRevision) return null
  const { checkpoint, head, lastEventId } = parsed.data
  if (checkpoint.ledgerId !== ledgerId || !(await holds(store, stream, head, lastEventId))) return null
  const state = restoreState(checkpoint)
  if (state === null) return null
  state.head = head
  return new LedgerFold(state, lastEventId)
}

/** Whether the log has exactly that event at that revision: a copy that was put back has another, or none. */
async function holds(store: LogStore, stream: string, revision: Revision, eventId: EventId): Promise<boolean> {
  for await (const entries of store.read(stream, { from: revision, limit: 1 })) {
    const [entry] = entries
    if (entry === undefined || entry.type === 'UNRECOGNISED') return false
    return entry.revision === revision && entry.eventId === eventId
  }
  return false
}

async function saveCached(store: LogStore, stream: string, fold: LedgerFold): Promise<void> {
  const { state, lastEventId } = fold
  if (state.ledgerId === null || state.foreign || state.head === -1 || lastEventId === null) return
  const checkpoint = checkpointData(state, { reason: '' })
  await store.saveSnapshot(stream, {
    ledgerId: state.ledgerId,
    throughRevision: state.head,
    codeVersion: FOLD_VERSION,
    state: { checkpoint, head: state.head, lastEventId },
  })
}
