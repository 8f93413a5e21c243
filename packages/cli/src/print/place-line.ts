import type { AtPlace } from '../schemas/at-place.ts'
import { plain } from './plain.ts'
import { WHY } from './why-this-ledger.ts'

/** Which ledger an answer is about, in a line. */
export function placeLine({ ledgerId, store, why, root }: AtPlace & { readonly ledgerId: string }): string {
  return `Ledger ${ledgerId} at ${plain(store)} (${WHY[why]}); regions are relative to ${plain(root)}.`
}
