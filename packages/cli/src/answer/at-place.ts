import type { WhichLedger } from '@holdfast/engine/which-ledger'
import type { AtPlace } from '../schemas/at-place.ts'

/** Where a ledger is, why it is the one that is meant, and what its regions are relative to. */
export function atPlace({ why, root }: WhichLedger, store: string): AtPlace {
  return { store, why, root }
}
