import { restoreState, type EventId, type LedgerId, type Revision } from '@holdfast/core'
import { checkpointData } from '@holdfast/core/internal'
import type { LogStore } from '@holdfast/store'
import { CachedFold } from './cached-shapes.ts'
import { LedgerFold } from './ledger-fold.ts'

/** Changes whenever the fold's meaning or its snapshot does: an older snapshot is then ignored. */
export const FOLD_VERSION = 'fold-5'

interface Wanted {
  readonly ledgerId: LedgerId
  /** A snapshot of an earlier revision saves nothing over the CHECKPOINT that stands here. */
  readonly notBefore: Revision
}

/** The fold that the cache holds, if every part of it can be believed; `null` otherwise. */
export async function loadSnapshot(store: LogStore, stream: string, wanted: Wanted): Promise<LedgerFold | null> {
  const { ledgerId, notBefore } = wanted
  const snapshot = await store.loadSnapshot(stream, { ledgerId, codeVersion: FOLD_VERSION }).catch(absent)
  if (snapshot === null || snapshot.throughRevision < notBefore) return null
  const parsed = CachedFold.safeParse(snapshot.state)
  if (!parsed.success) return null
  const { checkpoint, head, lastEventId } = parsed.data
  if (head !== snapshot.throughRevision || checkpoint.throughRevision !== head) return null
  if (checkpoint.ledgerId !== ledgerId || !(await holds(store, stream, head, lastEventId))) return null
  const state = restoreState(checkpoint)
  if (state === null) return null
  state.head = head
  return new LedgerFold(state, lastEventId)
}

/** Whether the log has exactly that event at that revision: a copy that was put back has another, or none. */
async function holds(store: LogStore, stream: string, revision: Revision, eventId: EventId): Promise<boolean> {
  for await (const [entry] of store.read(stream, { from: revision, limit: 1 })) {
    if (entry === undefined || entry.type === 'UNRECOGNISED') return false
    return entry.revision === revision && entry.eventId === eventId
  }
  return false
}

/** Caches a fold; does nothing for one that says nothing of a ledger, or ends with an event that cannot be named. */
export async function saveSnapshot(store: LogStore, stream: string, fold: LedgerFold): Promise<void> {
  const { state, lastEventId } = fold
  if (state.ledgerId === null || state.foreign || state.head === -1 || lastEventId === null) return
  const { ledgerId, head } = state
  const checkpoint = checkpointData(state, { reason: '' })
  const snapshot = {
    ledgerId,
    throughRevision: head,
    codeVersion: FOLD_VERSION,
    state: { checkpoint, head, lastEventId },
  }
  fold.noteCached()
  await store.saveSnapshot(stream, snapshot).catch(absent)
}

/** A cache that fails is a cache that is not there; a store that fails says so when the log is read. */
function absent(): null {
  return null
}
