import { parseEntry, type LogEntry, type Revision } from '@holdfast/core'
import type { EncodedEvent } from '../encode-event.ts'
import { StoreError } from '../errors.ts'
import type { Head } from '../port.ts'
import { readMark, type Before, type Mark } from './mark.ts'
import { physicalId } from './physical-id.ts'
import type { WriterMark } from './rotation.ts'
import type { PhysicalEvent, StoredRecord } from './stored-record.ts'

/** Where a stream stands after an event: everything that the next one continues from. Never changes for a position. */
export interface Place {
  /** -1 before the first event. */
  readonly position: number
  readonly revision: number
  /** Id of the event at the position, by which a store that lost its history is noticed. */
  readonly eventId: string
  readonly recordedAtMs: number
  /** The leader's clock when an event last moved `recordedAtMs`. */
  readonly movedAtCreatedMs: number
  readonly offset: number
  readonly clockOffsetMs: number
  /** -1 when there is none. */
  readonly checkpointPosition: number
}

export const START: Place = {
  position: -1,
  revision: -1,
  eventId: '',
  recordedAtMs: Number.MIN_SAFE_INTEGER,
  movedAtCreatedMs: Number.MIN_SAFE_INTEGER,
  offset: 0,
  clockOffsetMs: 0,
  checkpointPosition: -1,
}

export interface Placed {
  readonly entry: LogEntry
  readonly place: Place
}

/** The event after a place, as the log has it. */
export function nextPlaced(before: Place, record: StoredRecord, stream: string): Placed {
  const mark = readMark(record.metadata, { stream, position: record.position })
  const place = continued(before, record, mark)
  return { place, entry: entryOf(record, mark, place, stream) }
}

/** The place after an event, without reading its body. */
export function placeAfter(before: Place, record: StoredRecord, stream: string): Place {
  return continued(before, record, readMark(record.metadata, { stream, position: record.position }))
}

function continued(before: Place, record: StoredRecord, mark: Mark): Place {
  const { offset, clockOffsetMs } = offsetsOf(record, before)
  const recordedAtMs = Math.max(before.recordedAtMs, mark.t ?? record.createdMs + clockOffsetMs)
  return {
    position: record.position,
    revision: record.position + offset,
    eventId: record.eventId,
    recordedAtMs,
    movedAtCreatedMs: recordedAtMs > before.recordedAtMs ? record.createdMs : before.movedAtCreatedMs,
    offset,
    clockOffsetMs,
    checkpointPosition: record.type === 'CHECKPOINT' ? record.position : before.checkpointPosition,
  }
}

/** What an event says of the place before it; undefined when only the events before it can tell. */
export function placeBefore(record: StoredRecord, stream: string): Place | undefined {
  if (record.position === 0) return START
  const { p: before } = readMark(record.metadata, { stream, position: record.position })
  if (before === undefined) return undefined
  const position = record.position - 1
  const floors = [before.f, before.l === undefined ? undefined : record.createdMs + before.l]
  return {
    position,
    revision: position + (before.o ?? 0),
    eventId: '',
    recordedAtMs: Math.max(...floors.map(floor => floor ?? Number.MIN_SAFE_INTEGER)),
    movedAtCreatedMs: record.createdMs,
    offset: before.o ?? 0,
    clockOffsetMs: before.k ?? 0,
    checkpointPosition: before.c ?? -1,
  }
}

/** Events as they go to the server. `at` is the place that they are expected after; `any`: nobody knows. */
export function physicalEvents(
  events: readonly EncodedEvent[],
  at: Place | 'any',
  writer?: WriterMark,
): readonly PhysicalEvent[] {
  let running = at === 'any' ? START : at
  let lead: number | undefined
  return events.map((event, index) => {
    const tells = at !== 'any' && (index === 0 || event.checkpoint !== undefined)
    const eventId = physicalId(event.eventId)
    const mark: Mark = {
      hf: index,
      ...(event.schemaVersion === 1 ? {} : { s: event.schemaVersion }),
      ...(event.recordedAtMs === undefined ? {} : { t: event.recordedAtMs }),
      ...(eventId === event.eventId ? {} : { e: event.eventId }),
      ...(tells && index === 0 && writer !== undefined ? { w: writer.name, wt: writer.turnMs } : {}),
      ...(tells ? { p: beforeOf(running, lead) } : {}),
    }
    if (at !== 'any') {
      running = passed(running, event)
      if (event.recordedAtMs === undefined) lead = Math.max(lead ?? -Infinity, running.clockOffsetMs)
    }
    const data: unknown = JSON.parse(event.body)
    return { eventId, type: event.type, data, metadata: mark }
  })
}

/** The head that a place means to callers. */
export function headOf(place: Place): Head {
  return place.position < 0 ? 'none' : (place.revision as Revision)
}

function beforeOf(place: Place, lead: number | undefined): Before {
  return {
    ...(place.offset === 0 ? {} : { o: place.offset }),
    ...(place.clockOffsetMs === 0 ? {} : { k: place.clockOffsetMs }),
    ...(place.checkpointPosition < 0 ? {} : { c: place.checkpointPosition }),
    ...(place.recordedAtMs === START.recordedAtMs ? {} : { f: place.recordedAtMs }),
    ...(lead === undefined ? {} : { l: lead }),
  }
}

/** The place after an event whose time is not known yet. */
function passed(place: Place, { checkpoint, recordedAtMs }: EncodedEvent): Place {
  const offset = checkpoint?.offset ?? place.offset
  if (offset < place.offset) {
    const message = `A CHECKPOINT with offset ${offset} after one with ${place.offset} would give revisions twice.`
    throw new StoreError('invalid', message)
  }
  const position = place.position + 1
  if (!Number.isSafeInteger(position + offset)) throw new StoreError('invalid', `The offset ${offset} is too large.`)
  return {
    ...place,
    position,
    recordedAtMs: Math.max(place.recordedAtMs, recordedAtMs ?? place.recordedAtMs),
    offset,
    clockOffsetMs: checkpoint?.clockOffsetMs ?? place.clockOffsetMs,
    checkpointPosition: checkpoint === undefined ? place.checkpointPosition : position,
  }
}

function offsetsOf(record: StoredRecord, before: Place): { offset: number; clockOffsetMs: number } {
  const { offset, clockOffsetMs } = before
  if (record.type !== 'CHECKPOINT') return { offset, clockOffsetMs }
  const data = fieldOf(record.data, 'data')
  return { offset: integerOf(data, 'offset') ?? offset, clockOffsetMs: integerOf(data, 'clockOffset') ?? clockOffsetMs }
}

function entryOf(record: StoredRecord, mark: Mark, place: Place, stream: string): LogEntry {
  const { data: body } = record
  if (typeof body !== 'object' || body === null || body instanceof Uint8Array) {
    const message = `The event at revision ${place.revision} of ${JSON.stringify(stream)} is not readable JSON: it is damaged. Run \`holdfast verify\`.`
    throw new StoreError('corrupt', message, { detail: 'body' })
  }
  const optional = (name: string): Record<string, unknown> => {
    const value = fieldOf(body, name)
    return value === undefined ? {} : { [name]: value }
  }
  return parseEntry({
    eventId: mark.e ?? record.eventId,
    revision: place.revision,
    recordedAt: place.recordedAtMs,
    type: record.type,
    schemaVersion: mark.s ?? 1,
    actor: fieldOf(body, 'actor'),
    data: fieldOf(body, 'data'),
    ...optional('runId'),
    ...optional('causation'),
    ...optional('origin'),
  })
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

function integerOf(value: unknown, name: string): number | undefined {
  const field = fieldOf(value, name)
  return typeof field === 'number' && Number.isSafeInteger(field) ? field : undefined
}
