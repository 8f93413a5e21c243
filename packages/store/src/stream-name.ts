import { StoreError } from './errors.ts'

/** Longest stream name, in UTF-16 code units. */
export const STREAM_NAME_LENGTH_MAX = 256

const CONTROL_OR_LONE_SURROGATE = /[\p{Cc}\p{Cs}]/u

/**
 * Throws `invalid` for a stream name that some store could not hold. One rule for all stores, so that a ledger can
 * move between them: names that begin with `$` are EventStoreDB's own, control characters garble logs and messages.
 * What it accepts every store takes literally: no folding of case, no normalising, no path or SQL meaning.
 */
export function checkStreamName(stream: string): void {
  const fault = streamNameFault(stream)
  if (fault !== null) {
    throw new StoreError('invalid', `The ledger name ${shown(stream)} ${fault}. Choose another name.`)
  }
}

function streamNameFault(stream: string): string | null {
  if (typeof stream !== 'string') return 'is not text'
  if (stream.length === 0) return 'is empty'
  if (stream.length > STREAM_NAME_LENGTH_MAX) return `is longer than ${STREAM_NAME_LENGTH_MAX} characters`
  if (CONTROL_OR_LONE_SURROGATE.test(stream)) return 'holds a control character or half a surrogate pair'
  if (stream.trim() !== stream) return 'begins or ends with white space'
  if (stream.startsWith('$')) return 'begins with $, which is reserved for the store itself'
  return null
}

function shown(stream: string): string {
  const text = JSON.stringify(stream) ?? 'undefined'
  return text.length <= 64 ? text : `${text.slice(0, 60)}…"`
}
