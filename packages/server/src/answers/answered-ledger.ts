import type { LedgerId, LedgerState } from '@holdfast/core'
import type { Head } from '@holdfast/store'

/** The ledger that an answer is about, as it was seen last. */
export interface AnsweredLedger {
  readonly ledgerId: LedgerId
  readonly head: Head
  /** This very command has made it. */
  readonly made: boolean
  readonly state: LedgerState
}
