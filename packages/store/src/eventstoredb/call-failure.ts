import { StoreError } from '../errors.ts'

/** A call that had no answer in its time. */
export class CallDeadlineError extends Error {
  constructor(what: string, deadlineMs: number) {
    super(`no answer to ${what} within ${deadlineMs} ms`)
    this.name = 'CallDeadlineError'
  }
}

/** What a failed call means. */
export interface CallFailure {
  /** Whether an append of this call can have been written, or can still be. */
  readonly written: 'no' | 'unknown'
  /** Whether the same call may succeed later. */
  readonly passing: boolean
  /** Whether the line is suspect, so that the next call goes over a new one. */
  readonly lineSuspect: boolean
  readonly error: StoreError
}

const RESOURCE_EXHAUSTED = 8
const UNAVAILABLE = 14

/** Refusals by which the server or the client says that it has not even looked at the append. */
const NOT_SENT =
  /No connection established|Server Is Not Ready|Channel closed before call started|Name resolution failed|Failed to discover|Failed to connect/i

/** Sorts whatever the client throws: its own error types, raw gRPC errors and plain ones. */
export function callFailure(thrown: unknown, shownUrl: string): CallFailure {
  const type = field(thrown, 'type')
  const code = field(thrown, 'code')
  const text = thrown instanceof Error ? thrown.message : String(thrown)
  const said = (detail: string, next: string): string => `EventStoreDB at ${shownUrl} ${detail}. ${next}`
  const passing = (detail: string, written: 'no' | 'unknown', lineSuspect = false): CallFailure => {
    const message = said(detail, 'Check that it runs and has a leader, then try again.')
    return { written, passing: true, lineSuspect, error: new StoreError('unavailable', message, { cause: thrown }) }
  }
  const final = (storeCode: StoreError['code'], message: string, detail?: string): CallFailure => {
    const error = new StoreError(storeCode, message, { cause: thrown, ...(detail === undefined ? {} : { detail }) })
    return { written: 'no', passing: false, lineSuspect: false, error }
  }
  if (thrown instanceof StoreError) return { written: 'no', passing: false, lineSuspect: false, error: thrown }
  if (thrown instanceof CallDeadlineError || type === 'deadline-exceeded') {
    return passing('does not answer', 'unknown', true)
  }
  switch (type) {
    case 'access-denied':
      return final('unavailable', said('refused the user or the password', 'Check them in the store URL.'))
    case 'stream-deleted':
      return final('corrupt', said('has deleted this ledger for good', 'Restore it under another name.'), 'deleted')
    case 'maximum-append-size-exceeded':
      return final('invalid', said('takes no append of this size', 'Nothing was written.'))
    case 'not-leader':
      return passing('has another leader now', 'no')
    case 'timeout':
      return passing('did not reach a majority of its nodes in time', 'unknown')
    case 'cancelled':
      return passing('cancelled the call', 'unknown')
    case undefined:
    default:
  }
  if (code === RESOURCE_EXHAUSTED)
    return final('invalid', said('takes no message of this size', 'Nothing was written.'))
  if (/Server Is Not Ready/i.test(text)) return passing('has no leader or no majority, so it takes no writes', 'no')
  if (NOT_SENT.test(text)) return passing('cannot be reached', 'no')
  return passing(code === UNAVAILABLE ? 'broke the connection' : 'failed', 'unknown')
}

/** The same failure, for an append that may have been written. */
export function unknownOutcome(error: StoreError, shownUrl: string): StoreError {
  const message = `EventStoreDB at ${shownUrl} did not say whether the events were written. Repeat the same append, or read back.`
  return new StoreError('timeout-unknown-outcome', message, { cause: error })
}

export function isConflict(thrown: unknown): boolean {
  return field(thrown, 'type') === 'wrong-expected-version'
}

export function isMissing(thrown: unknown): boolean {
  return field(thrown, 'type') === 'stream-not-found'
}

function field(thrown: unknown, name: string): unknown {
  return typeof thrown === 'object' && thrown !== null ? Reflect.get(thrown, name) : undefined
}
