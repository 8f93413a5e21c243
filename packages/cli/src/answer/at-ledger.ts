import type { LedgerId } from '@holdfast/core'
import type { Ledger } from '@holdfast/engine/lean'

export interface AtLedger {
  readonly ledgerId: LedgerId
  readonly head: number
  readonly made?: true
}

/** Which ledger an answer is about, and the newest revision that it rests on. */
export function atLedger(ledger: Ledger): AtLedger {
  const { ledgerId, head, made } = ledger
  if (head === 'none') throw new Error('a ledger that is open has a genesis')
  return { ledgerId, head, ...(made ? { made } : {}) }
}
