import { StoreError, type StoreErrorCode } from '@holdfast/store'

const CODES: Readonly<Record<string, StoreErrorCode>> = {
  'ledger-newer': 'ledger-newer',
  moved: 'moved',
  foreign: 'foreign',
}

/** A ledger that grants nothing to anybody: told as an error, for no answer about a lane is true of it. */
export function closedError({ code, message }: { readonly code: string; readonly message: string }): StoreError {
  return new StoreError(CODES[code] ?? 'invalid', message)
}
