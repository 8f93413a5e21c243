import type { LedgerId } from '@holdfast/core'
import type { WhichLedger } from '@holdfast/engine/which-ledger'
import type { AtPlace } from './schemas/at-ledger.ts'
import type { AnsweredLedger } from './answered-ledger.ts'

export interface AtLedger {
  readonly ledgerId: LedgerId
  readonly head: number
  readonly made?: true
}

/** Which ledger an answer is about, and the newest revision that it rests on. */
export function atLedger(ledger: AnsweredLedger): AtLedger {
  const { ledgerId, head, made } = ledger
  if (head === 'none') throw new Error('a ledger that is open has a genesis')
  return { ledgerId, head, ...(made ? { made } : {}) }
}

/** Where a ledger is, why it is the one that is meant, and what its regions are relative to. */
export function atPlace({ why, root }: WhichLedger, store: string): AtPlace {
  return { store, why, root }
}
