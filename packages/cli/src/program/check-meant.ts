import type { LedgerId } from '@holdfast/core'
import { checkLedgerId } from '@holdfast/engine/which-ledger'
import { openStore, type LogStore, type StoreError } from '@holdfast/store'
import { continuesAt } from '@holdfast/store/internal'

/** What a ledger says of itself. */
interface Identity {
  readonly url: string
  readonly ledgerId: LedgerId | null
  readonly movedTo: string | null
}

/**
 * Refuses a ledger that is not the one that is meant: another one than HOLDFAST_LEDGER_ID asks for, or one that continues
 * elsewhere, about which nothing that it holds is true any more.
 */
export function checkMeant(identity: Identity): void {
  const moved = checkHistory(identity)
  if (moved !== null) throw moved
}

/**
 * The same for those who hand history over, which stays true: gives what they end with behind it, if the ledger
 * continues elsewhere.
 */
export function checkHistory({ url, ledgerId, movedTo }: Identity): StoreError | null {
  checkLedgerId({ ledgerId, url })
  return movedTo === null ? null : continuesAt(url, movedTo)
}

/** The same of a store, by its newest CHECKPOINT. */
export async function checkHistoryOf(store: LogStore, stream: string): Promise<StoreError | null> {
  const checkpoint = await store.latestCheckpoint(stream)
  if (checkpoint === null) return null
  const { ledgerId, movedTo = null } = checkpoint.data
  return checkHistory({ url: store.url, ledgerId, movedTo })
}

/**
 * The stores among these that somebody could still write to: those whose ledger continues elsewhere refuse everybody and
 * say where. One that cannot be asked counts as one that can be written.
 */
export async function notMovedAway(urls: readonly string[], ledger: string): Promise<readonly string[]> {
  const asked = await Promise.all(urls.map(async url => ((await isMovedAway(url, ledger)) ? [] : [url])))
  return asked.flat()
}

async function isMovedAway(url: string, ledger: string): Promise<boolean> {
  try {
    await using store = await openStore(url, { create: false })
    return (await store.latestCheckpoint(ledger))?.data.movedTo !== undefined
  } catch {
    return false
  }
}
