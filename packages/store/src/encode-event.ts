import { StoreError } from './errors.ts'
import { APPEND_BYTES_MAX, EVENT_BYTES_MAX, type NewEvent } from './port.ts'

/** Longest event id and type, in UTF-16 code units. */
const EVENT_NAME_LENGTH_MAX = 256

/** An event as it will be stored, before it has a place. */
export interface EncodedEvent {
  readonly eventId: string
  readonly type: string
  readonly schemaVersion: number
  readonly recordedAtMs: number | undefined
  /** JSON of `{ actor, runId?, causation?, origin?, data }`. */
  readonly body: string
  /** What a CHECKPOINT changes for itself and everything after it. */
  readonly checkpoint: { readonly offset: number | undefined; readonly clockOffsetMs: number | undefined } | undefined
}

/** Checks and encodes an append; throws `invalid` before anything is written. */
export function encodeEvents(events: readonly NewEvent[]): readonly EncodedEvent[] {
  if (events.length === 0) throw new StoreError('invalid', 'An append needs at least one event.')
  const ids = new Set<string>()
  let appendBytes = 0
  return events.map(event => {
    const encoded = encodeEvent(event)
    if (ids.has(event.eventId)) {
      throw new StoreError('invalid', `Two events of one append have the id ${event.eventId}.`)
    }
    ids.add(event.eventId)
    const bytes = storedBytes(encoded)
    appendBytes += bytes
    if (bytes > EVENT_BYTES_MAX) throw tooLarge(`The ${event.type} event takes ${bytes} bytes`, EVENT_BYTES_MAX)
    if (appendBytes > APPEND_BYTES_MAX) throw tooLarge(`The append takes more than its share`, APPEND_BYTES_MAX)
    return encoded
  })
}

/** Bytes that an event counts against the limits: its texts in UTF-8. */
export function storedBytes(event: Pick<EncodedEvent, 'eventId' | 'type' | 'body'>): number {
  return Buffer.byteLength(event.body) + Buffer.byteLength(event.eventId) + Buffer.byteLength(event.type)
}

/** Events that were encoded to learn their size. An event is never changed, and encoded once. */
const encodedBefore = new WeakMap<NewEvent, EncodedEvent>()

/** Bytes that an event will count against the limits. Throws `invalid` as an append of it would. */
export function bytesOf(event: NewEvent): number {
  const encoded = encodeEvent(event)
  encodedBefore.set(event, encoded)
  return storedBytes(encoded)
}

function encodeEvent(event: NewEvent): EncodedEvent {
  const known = encodedBefore.get(event)
  if (known !== undefined) return known
  checkName('event id', event.eventId)
  checkName('event type', event.type)
  if (!Number.isSafeInteger(event.schemaVersion) || event.schemaVersion < 1) {
    throw new StoreError('invalid', `The schemaVersion of ${event.eventId} is no positive integer.`)
  }
  if (event.recordedAt !== undefined && !Number.isSafeInteger(event.recordedAt)) {
    throw new StoreError('invalid', `The recordedAt of ${event.eventId} is no integer of milliseconds.`)
  }
  return {
    eventId: event.eventId,
    type: event.type,
    schemaVersion: event.schemaVersion,
    recordedAtMs: event.recordedAt,
    body: bodyOf(event),
    checkpoint: event.type === 'CHECKPOINT' ? checkpointFields(event.data) : undefined,
  }
}

function bodyOf(event: NewEvent): string {
  if (event.data === undefined) throw new StoreError('invalid', `The event ${event.eventId} has no data.`)
  const { actor, runId, causation, origin, data } = event
  try {
    return JSON.stringify({ actor, runId, causation, origin, data })
  } catch (cause) {
    throw new StoreError('invalid', `The data of event ${event.eventId} is not plain JSON.`, { cause })
  }
}

function checkName(what: string, text: string): void {
  if (
    typeof text !== 'string' ||
    text.length === 0 ||
    text.length > EVENT_NAME_LENGTH_MAX ||
    /[\p{Cc}\p{Cs}]/u.test(text)
  ) {
    throw new StoreError('invalid', `An ${what} must be 1 to ${EVENT_NAME_LENGTH_MAX} printable characters.`)
  }
}

function checkpointFields(data: unknown): { offset: number | undefined; clockOffsetMs: number | undefined } {
  if (typeof data !== 'object' || data === null) return { offset: undefined, clockOffsetMs: undefined }
  const offset = 'offset' in data ? integer(data.offset) : undefined
  const clockOffsetMs = 'clockOffset' in data ? integer(data.clockOffset) : undefined
  return { offset, clockOffsetMs }
}

function integer(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined
}

function tooLarge(what: string, bytesMax: number): StoreError {
  return new StoreError('invalid', `${what}; at most ${bytesMax} bytes fit. Nothing was written.`)
}
