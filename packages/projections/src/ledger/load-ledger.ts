import type { Revision } from '@holdfast/core'
import { nextRevision } from '@holdfast/core/internal'
import { StoreError, type LogStore } from '@holdfast/store'
import { LedgerFold } from './ledger-fold.ts'
import { loadSnapshot, saveSnapshot } from './snapshot-cache.ts'

/** Entries folded beyond the newest snapshot or CHECKPOINT before a new snapshot is worth its write. */
export const SNAPSHOT_AFTER_EVENTS = 1000

/**
 * Folds a stream up to its present head: from the newest snapshot that can be believed, else from the newest
 * CHECKPOINT. So the cost depends on what happened since, not on the length of the history. A snapshot that is damaged,
 * foreign, of another code version or not of this very history is ignored, and failing to read or write one fails
 * nothing: it is a cache.
 *
 * Rejects with a `StoreError`: the store's own, or `corrupt` when the log begins with a CHECKPOINT whose state cannot be
 * read, so that no state at all can be had.
 */
export async function loadLedger(store: LogStore, stream: string): Promise<LedgerFold> {
  const checkpoint = await store.latestCheckpoint(stream)
  if (checkpoint === null) return foldFrom(store, stream, new LedgerFold(), undefined)
  const { data, revision } = checkpoint
  const cached = await loadSnapshot(store, stream, { ledgerId: data.ledgerId, notBefore: revision })
  const start = cached ?? new LedgerFold()
  start.absorb([checkpoint])
  const fold = await foldFrom(store, stream, start, nextRevision(start.state.head))
  if (fold.state.ledgerId === null) return foldWithout(store, stream, revision)
  await cacheFold(store, stream, fold)
  return fold
}

/** Caches a fold where that is worth it. Does so before a long life ends: whoever comes next need not fold it again. */
export async function cacheFold(store: LogStore, stream: string, fold: LedgerFold): Promise<void> {
  if (fold.uncached > SNAPSHOT_AFTER_EVENTS) await saveSnapshot(store, stream, fold)
}

/** The newest CHECKPOINT cannot be read: older history, if there is any, still gives a state. */
async function foldWithout(store: LogStore, stream: string, unreadable: Revision): Promise<LedgerFold> {
  const fold = await foldFrom(store, stream, new LedgerFold(), undefined)
  if (fold.state.ledgerId !== null) return fold
  const message = `The state of the CHECKPOINT at revision ${unreadable} cannot be read, and the log holds nothing before it. Restore a backup.`
  throw new StoreError('corrupt', message, { detail: 'checkpoint' })
}

async function foldFrom(store: LogStore, stream: string, fold: LedgerFold, from: Revision | undefined) {
  for await (const entries of store.read(stream, { from })) fold.absorb(entries)
  return fold
}
