import { parseEntry, type EpochMs, type LogEntry, type Revision } from '@holdfast/core'
import { partsNamedBy, resolveParts } from './checkpoint-parts.ts'
import { StoreError } from './errors.ts'
import type { NewEvent } from './port.ts'

/** An event at its place in a stream, body still as text. */
export interface StoredEvent {
  /** Physical position in the stream, from 0, without gaps. */
  readonly position: number
  readonly revision: number
  readonly eventId: string
  readonly type: string
  readonly schemaVersion: number
  readonly recordedAtMs: number
  readonly body: string
}

/** Data of a side stream's events, in order; fewer when there are fewer. */
export type PartsReader = (stream: string, parts: number) => readonly unknown[]

/**
 * Reads a stored event. What core cannot parse comes back as UNRECOGNISED; a body that is no JSON is `corrupt`, and so
 * is a CHECKPOINT whose state is in parts that are not what was written.
 */
export function decodeEvent(stored: StoredEvent, readParts: PartsReader): LogEntry {
  const body = parseBody(stored)
  return parseEntry({
    eventId: stored.eventId,
    revision: stored.revision,
    recordedAt: stored.recordedAtMs,
    type: stored.type,
    schemaVersion: stored.schemaVersion,
    actor: field(body, 'actor'),
    data: stored.type === 'CHECKPOINT' ? wholeCheckpoint(field(body, 'data'), readParts) : field(body, 'data'),
    ...optional(body, 'runId'),
    ...optional(body, 'causation'),
    ...optional(body, 'origin'),
  })
}

/** The entry of an event that was just written: as its writer knows it, else as a reader gets it. */
export function writtenEntry(
  event: NewEvent | undefined,
  stored: StoredEvent,
  decode: (stored: StoredEvent) => LogEntry,
): LogEntry {
  if (event?.asRecorded === undefined || event.eventId !== stored.eventId) return decode(stored)
  return event.asRecorded({ revision: stored.revision as Revision, recordedAt: stored.recordedAtMs as EpochMs })
}

/** The data of an event as it is stored: what a side stream's parts are read by. */
export function storedData(stored: StoredEvent): unknown {
  return field(parseBody(stored), 'data')
}

function wholeCheckpoint(data: unknown, readParts: PartsReader): unknown {
  const named = partsNamedBy(data)
  return named === null ? data : resolveParts(data, named, readParts(named.stream, named.parts))
}

function parseBody(stored: StoredEvent): object {
  let body: unknown
  try {
    body = JSON.parse(stored.body)
  } catch (cause) {
    throw unreadable(stored, cause)
  }
  if (typeof body !== 'object' || body === null) throw unreadable(stored, undefined)
  return body
}

function field(body: object, name: string): unknown {
  return Reflect.get(body, name)
}

function optional(body: object, name: 'runId' | 'causation' | 'origin'): Record<string, unknown> {
  const value = field(body, name)
  return value === undefined ? {} : { [name]: value }
}

function unreadable(stored: StoredEvent, cause: unknown): StoreError {
  const message = `The event at revision ${stored.revision} is not readable JSON: the store is damaged. Run \`holdfast verify\`.`
  return new StoreError('corrupt', message, { cause, detail: 'body' })
}
