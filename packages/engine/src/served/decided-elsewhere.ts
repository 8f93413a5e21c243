import type { Commands, DecidedHere } from '../ledger/commands.ts'
import type { LedgerParts } from '../ledger/ledger-parts.ts'

/** On a store whose commands somebody else decides: gives the way to him. */
export const DECIDED_ELSEWHERE: unique symbol = Symbol('holdfast.decided-elsewhere')

export interface DecidesElsewhere {
  readonly [DECIDED_ELSEWHERE]: (
    parts: LedgerParts,
    options: { readonly readsBack: boolean },
  ) => (own: DecidedHere) => Commands
}

export function decidesElsewhere(store: object): store is DecidesElsewhere {
  return DECIDED_ELSEWHERE in store
}
