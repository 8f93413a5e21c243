import { NOTHING_WATCHED, type EpochMs, type LedgerId, type OwnClock } from '@holdfast/core'
import { loadLedger, type LedgerFold } from '@holdfast/projections'
import { openStore, StoreError, type LogStore } from '@holdfast/store'
import type { Shell } from './shell.ts'

/** A ledger opened to be asked: nothing is made, nothing is written, and the engine is not loaded. */
export interface OpenFold extends AsyncDisposable {
  readonly store: LogStore
  readonly stream: string
  readonly fold: LedgerFold
  /** The log clock. */
  readonly nowMs: EpochMs
  /** Where the log clock can step: a command has just begun and has watched nothing. */
  readonly ownClock: OwnClock | undefined
  readonly at: { readonly ledgerId: LedgerId; readonly head: number }
}

/**
 * Folds the ledger that is meant. Rejects with a `StoreError`: `unavailable` for a store that is not there, `invalid` for
 * a ledger that is not there, `foreign` for a log that is none.
 */
export async function openFold(shell: Shell): Promise<OpenFold> {
  const stream = shell.globals.ledger
  const store = await openStore(shell.storeUrl, { create: false })
  try {
    const fold = await loadLedger(store, stream)
    const { ledgerId, head, foreign } = fold.state
    if (head === -1) throw noLedger(store, stream)
    if (foreign || ledgerId === null) throw notOurs(store, stream)
    const nowMs = await store.now(stream)
    const ownClock = store.clock === 'steady' ? undefined : NOTHING_WATCHED
    const at = { ledgerId, head }
    return { store, stream, fold, nowMs, ownClock, at, [Symbol.asyncDispose]: () => store.close() }
  } catch (error) {
    await store.close()
    throw error
  }
}

/** There is a store, and no such ledger in it. */
export function noLedger(store: LogStore, stream: string): StoreError {
  const message = `There is no ledger ${JSON.stringify(stream)} at ${store.url}; make it with \`holdfast init\`.`
  return new StoreError('invalid', message)
}

function notOurs(store: LogStore, stream: string): StoreError {
  const message = `The log ${JSON.stringify(stream)} at ${store.url} does not begin with a ledger's genesis, or holds another ledger's events; check --store and --ledger.`
  return new StoreError('foreign', message)
}
