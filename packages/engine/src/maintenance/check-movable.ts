import { closedToGrants } from '@holdfast/core/internal'
import { readHistory, StoreError } from '@holdfast/store'
import { historyLength } from '@holdfast/store/internal'
import { checkFunction, checkLedger, checkText } from '../check-given.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { OnProgress } from './work-progress.ts'

/**
 * Finds out whether a ledger can be moved to the store that goes by `url`, and writes nothing: to be asked before that
 * store is opened, which may make it, and before the ledger is closed here. The whole history is read, since one that
 * turns out to be damaged while it is copied could go on neither here nor there. A ledger that an earlier run has closed
 * for that very place has only to be finished.
 *
 * Rejects with a `StoreError`: `moved` when it continues elsewhere, `ledger-newer` and `backup` when it may not be
 * written, `corrupt` when it is damaged, and the store's own.
 */
export async function checkMovable(from: Ledger, url: string, onProgress: OnProgress = () => undefined): Promise<void> {
  checkLedger(from, 'from')
  checkText(url, 'url')
  checkFunction(onProgress, 'onProgress')
  const { store, stream } = from
  const state = await from.refresh()
  if (state.movedTo === url) return
  if (state.movedTo !== null) throw movedAlready(state.movedTo)
  const closed = closedToGrants(state)
  if (closed !== null) throw new StoreError(closed.code === 'not-founded' ? 'invalid' : closed.code, closed.message)
  // Decides on nothing, and so appends nothing; but it has to get the right to.
  await store.commit(stream, await store.head(stream), { absorb: () => undefined, decide: () => [] })
  const total = await historyLength(store, stream)
  let done = 0
  for await (const entries of readHistory(store, stream)) {
    done += entries.length
    onProgress({ step: 'checking', unit: 'events', done, total })
  }
}

/** It has moved, and only the new place can move it on. */
export function movedAlready(place: string | null): StoreError {
  return new StoreError('moved', `The ledger continues at ${place ?? 'another place'} already; move it from there.`)
}
