import type { LedgerId } from '@holdfast/core'
import { checkLedgerId, continuesAt } from '@holdfast/engine/which-ledger'
import type { LogStore } from '@holdfast/store'
import { plain } from '../print/plain.ts'
import type { Output } from '../print/output.ts'

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
export function checkMeant({ url, ledgerId, movedTo }: Identity, { evenMoved }: { readonly evenMoved: boolean }): void {
  checkLedgerId({ ledgerId, url })
  if (movedTo !== null && !evenMoved) throw continuesAt(url, movedTo)
}

/** The same for those who read history, which stays true: they say where it goes on. */
export async function checkHistoryIsMeant(store: LogStore, stream: string, out: Output): Promise<void> {
  const checkpoint = await store.latestCheckpoint(stream)
  if (checkpoint === null) return
  const { ledgerId, movedTo = null } = checkpoint.data
  checkMeant({ url: store.url, ledgerId, movedTo }, { evenMoved: true })
  if (movedTo !== null) tellWhereItGoesOn({ url: store.url, movedTo }, out)
}

export function tellWhereItGoesOn(
  { url, movedTo }: { readonly url: string; readonly movedTo: string },
  out: Output,
): void {
  out.remark(`holdfast: this is history: the ledger at ${plain(url)} continues at ${plain(movedTo)}`)
}
