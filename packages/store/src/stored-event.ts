import { parseEntry, type LogEntry } from '@holdfast/core'
import { StoreError } from './errors.ts'

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

/** Reads a stored event. What core cannot parse comes back as UNRECOGNISED; a body that is no JSON is `corrupt`. */
export function decodeEvent(stored: StoredEvent): LogEntry {
  const body = parseBody(stored)
  return parseEntry({
    eventId: stored.eventId,
    revision: stored.revision,
    recordedAt: stored.recordedAtMs,
    type: stored.type,
    schemaVersion: stored.schemaVersion,
    actor: field(body, 'actor'),
    data: field(body, 'data'),
    ...optional(body, 'runId'),
    ...optional(body, 'causation'),
    ...optional(body, 'origin'),
  })
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
