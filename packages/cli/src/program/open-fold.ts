import type { EpochMs, LedgerId, OwnClock } from '@holdfast/core'
import { NOTHING_WATCHED } from '@holdfast/core/internal'
import { noSuchLedger } from '@holdfast/engine/which-ledger'
import { loadLedger, type LedgerFold } from '@holdfast/projections'
import { StoreError, type LogStore } from '@holdfast/store'
import { checkHistory, checkMeant } from './check-meant.ts'
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

interface OpenFoldWish {
  /** Also one that continues elsewhere: its history is handed over, and the command ends with that all the same. */
  readonly evenMoved?: boolean
}

/**
 * Folds the ledger that is meant. Rejects with a
 * `StoreError`: `no-ledger` for a store or a ledger that is not there, `foreign` for a log that is none, or is not the
 * one that HOLDFAST_LEDGER_ID asks for, `moved`.
 */
export async function openFold(shell: Shell, { evenMoved = false }: OpenFoldWish = {}): Promise<OpenFold> {
  const opened = await foldOn(await shell.openStore('never'), shell.globals.ledger)
  try {
    const { url } = opened.store
    const { ledgerId, movedTo } = opened.fold.state
    const identity = { url, ledgerId, movedTo }
    if (evenMoved) shell.endWith(checkHistory(identity))
    else checkMeant(identity)
    return opened
  } catch (error) {
    await opened.store.close()
    throw error
  }
}

/** Folds a ledger of a store, which it closes with itself, and also when it rejects. */
export async function foldOn(store: LogStore, stream: string): Promise<OpenFold> {
  try {
    const fold = await loadLedger(store, stream)
    const { ledgerId, head, foreign } = fold.state
    if (head === -1) throw noSuchLedger(store.url, stream)
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

function notOurs(store: LogStore, stream: string): StoreError {
  const message = `The log ${JSON.stringify(stream)} at ${store.url} does not begin with a ledger's genesis, or holds another ledger's events; check --store and --ledger.`
  return new StoreError('foreign', message)
}
