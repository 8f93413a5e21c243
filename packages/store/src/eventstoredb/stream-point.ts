import { parseEntry, type LogEntry, type Revision } from '@holdfast/core'
import type { EncodedEvent } from '../encode-event.ts'
import { StoreError } from '../errors.ts'
import type { Head } from '../port.ts'
import { readMark, type Before, type Mark } from './mark.ts'
import { physicalId } from './physical-id.ts'
import type { WriterMark } from './rotation.ts'
import type { PhysicalEvent, StoredRecord } from './stored-record.ts'

/** Where a stream stands after an event: everything that the next one continues from. Never changes for a position. */
export interface StreamPoint {
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

export const START: StreamPoint = {
  position: -1,
  revision: -1,
  eventId: '',
  recordedAtMs: Number.MIN_SAFE_INTEGER,
  movedAtCreatedMs: Number.MIN_SAFE_INTEGER,
  offset: 0,
  clockOffsetMs: 0,
  checkpointPosition: -1,
}

export interface EntryAtPoint {
  readonly entry: LogEntry
  readonly point: StreamPoint
}

/** The event after a point, as the log has it. */
export function nextEntry(before: StreamPoint, record: StoredRecord, stream: string): EntryAtPoint {
  const mark = readMark(record.metadata, { stream, position: record.position })
  const point = continued(before, record, mark)
  return { point, entry: entryOf(record, mark, point, stream) }
}

/** The point after an event, without reading its body. */
export function pointAfter(before: StreamPoint, record: StoredRecord, stream: string): StreamPoint {
  return continued(before, record, readMark(record.metadata, { stream, position: record.position }))
}

function continued(before: StreamPoint, record: StoredRecord, mark: Mark): StreamPoint {
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

/** What an event says of the point before it; undefined when only the events before it can tell. */
export function pointBefore(record: StoredRecord, stream: string): StreamPoint | undefined {
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

/** Events as they go to the server. `at` is the point that they are expected after; `any`: nobody knows. */
export function physicalEvents(
  events: readonly EncodedEvent[],
  at: StreamPoint | 'any',
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

/** The head that a point means to callers. */
export function headOf(point: StreamPoint): Head {
  return point.position < 0 ? 'none' : (point.revision as Revision)
}

function beforeOf(point: StreamPoint, lead: number | undefined): Before {
  return {
    ...(point.offset === 0 ? {} : { o: point.offset }),
    ...(point.clockOffsetMs === 0 ? {} : { k: point.clockOffsetMs }),
    ...(point.checkpointPosition < 0 ? {} : { c: point.checkpointPosition }),
    ...(point.recordedAtMs === START.recordedAtMs ? {} : { f: point.recordedAtMs }),
    ...(lead === undefined ? {} : { l: lead }),
  }
}

/** The point after an event whose time is not known yet. */
function passed(point: StreamPoint, { checkpoint, recordedAtMs }: EncodedEvent): StreamPoint {
  const offset = checkpoint?.offset ?? point.offset
  if (offset < point.offset) {
    const message = `A CHECKPOINT with offset ${offset} after one with ${point.offset} would give revisions twice.`
    throw new StoreError('invalid', message)
  }
  const position = point.position + 1
  if (!Number.isSafeInteger(position + offset)) throw new StoreError('invalid', `The offset ${offset} is too large.`)
  return {
    ...point,
    position,
    recordedAtMs: Math.max(point.recordedAtMs, recordedAtMs ?? point.recordedAtMs),
    offset,
    clockOffsetMs: checkpoint?.clockOffsetMs ?? point.clockOffsetMs,
    checkpointPosition: checkpoint === undefined ? point.checkpointPosition : position,
  }
}

function offsetsOf(record: StoredRecord, before: StreamPoint): { offset: number; clockOffsetMs: number } {
  const { offset, clockOffsetMs } = before
  if (record.type !== 'CHECKPOINT') return { offset, clockOffsetMs }
  const data = fieldOf(record.data, 'data')
  return { offset: integerOf(data, 'offset') ?? offset, clockOffsetMs: integerOf(data, 'clockOffset') ?? clockOffsetMs }
}

function entryOf(record: StoredRecord, mark: Mark, point: StreamPoint, stream: string): LogEntry {
  const { data: body } = record
  if (typeof body !== 'object' || body === null || body instanceof Uint8Array) {
    const message = `The event at revision ${point.revision} of ${JSON.stringify(stream)} is not readable JSON: it is damaged. Run \`holdfast verify\`.`
    throw new StoreError('corrupt', message, { detail: 'body' })
  }
  const optional = (name: string): Record<string, unknown> => {
    const value = fieldOf(body, name)
    return value === undefined ? {} : { [name]: value }
  }
  return parseEntry({
    eventId: mark.e ?? record.eventId,
    revision: point.revision,
    recordedAt: point.recordedAtMs,
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
