/** Why a store could not do its part. */
export type StoreErrorCode =
  /** There is no such store or ledger, and it was not to be made. */
  | 'no-ledger'
  /** Not there, not reachable, not writable, locked past the deadline, closed. */
  | 'unavailable'
  /** May have been written: repeat the same event ids at the same head, or read back. */
  | 'timeout-unknown-outcome'
  /** Not what was written: broken chain, missing rows, rolled back. */
  | 'corrupt'
  /** Not a Holdfast store, or another application's. */
  | 'foreign'
  /** Written by a newer program. */
  | 'ledger-newer'
  /** Continued elsewhere. */
  | 'moved'
  /** A backup that was not restored: it can be read, not written. */
  | 'backup'
  /** Clock of another origin under the same boot. */
  | 'clock-mismatch'
  /** An event or append beyond the size limits, an invalid stream name, an unknown scheme. Nothing was written. */
  | 'invalid'

/** The one error that stores throw. The message says what happened and what to do next; it never holds a secret. */
export class StoreError extends Error {
  readonly code: StoreErrorCode
  /** What kind: of `corrupt` `rolled-back`, `chain`, `gap`, …; of `unavailable` `replaced`, for a store that is another one now. */
  readonly detail: string | undefined

  constructor(code: StoreErrorCode, message: string, options: { cause?: unknown; detail?: string } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause })
    this.name = 'StoreError'
    this.code = code
    this.detail = options.detail
  }
}
