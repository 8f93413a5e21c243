import { StoreError } from '../errors.ts'
import { storedData, type PartsReader, type StoredEvent } from '../stored-event.ts'
import type { Connection } from './connection.ts'
import { brokenChain, chainHash } from './hash-chain.ts'
import { integerIn, textIn, type Row } from './row.ts'
import { placeOf, positionAt } from './schema.ts'
import type { StreamRow } from './stream-row.ts'

/** Bytes of bodies after which a batch ends. */
const BATCH_BYTES_MAX = 4 * 1024 * 1024

const SELECT_EVENTS = `
  SELECT place, revision, event_id, type, schema_version, recorded_at, body, hash
  FROM events WHERE place BETWEEN ? AND ? ORDER BY place`
const SELECT_EVENT_HASH = 'SELECT hash FROM events WHERE place = ?'
const SELECT_REVISION = 'SELECT revision FROM events WHERE place = ?'
const SELECT_NEWEST_BY_ID =
  'SELECT place FROM events WHERE event_id = ? AND place BETWEEN ? AND ? ORDER BY place DESC LIMIT 1'

/**
 * Events at positions `from` to `to`, each checked against the hash before it and the last against the stream's tip.
 * Ends early at the batch's size; and before damage, so that what is readable is read: the next call throws.
 */
export function eventsFrom(
  connection: Connection,
  stream: StreamRow,
  from: number,
  to: number,
): readonly StoredEvent[] {
  const events: StoredEvent[] = []
  try {
    collect(connection, stream, { from, to, into: events })
  } catch (error) {
    if (events.length === 0) throw error
  }
  return events
}

/** The same, complete at its upper end instead: for reading backwards. */
export function eventsUpTo(
  connection: Connection,
  stream: StreamRow,
  from: number,
  to: number,
): readonly StoredEvent[] {
  for (let first = from; ; first = to - ((to - first) >>> 2)) {
    try {
      const events: StoredEvent[] = []
      collect(connection, stream, { from: first, to, into: events })
      if (events.length === to - first + 1) return events
    } catch (error) {
      if (first === to || !(error instanceof StoreError)) throw error
    }
  }
}

function collect(
  connection: Connection,
  stream: StreamRow,
  { from, to, into }: { readonly from: number; readonly to: number; readonly into: StoredEvent[] },
): void {
  let before = hashBefore(connection, stream, from)
  let position = from
  let bytes = 0
  const rows = connection.prepared(SELECT_EVENTS).iterate(placeOf(stream.id, from), placeOf(stream.id, to))
  for (const row of rows) {
    const event = parseEvent(row)
    if (event.position !== position) throw brokenChain(stream.name, position, 'gap')
    before = chainHash(before, stream.name, event)
    if (before !== textIn(row, 'hash')) throw brokenChain(stream.name, position, 'chain')
    if (position === stream.tip.position && before !== stream.hash) throw brokenChain(stream.name, position, 'seal')
    into.push(event)
    position += 1
    bytes += event.body.length
    if (bytes >= BATCH_BYTES_MAX) return
  }
  if (position <= to) throw brokenChain(stream.name, position, 'gap')
}

/** The hash that the event at a position chains to. */
export function hashBefore(connection: Connection, stream: StreamRow, position: number): string {
  if (position === stream.tip.firstPosition) return stream.baseHash
  const row = connection.prepared(SELECT_EVENT_HASH).get(placeOf(stream.id, position - 1))
  if (row === undefined) throw brokenChain(stream.name, position - 1, 'gap')
  return textIn(row, 'hash')
}

/** Position of the first event at or above a revision; one past the tip when there is none. */
export function positionFrom(connection: Connection, { id, name, tip }: StreamRow, revision: number): number {
  if (revision > tip.revision) return tip.position + 1
  const select = connection.prepared(SELECT_REVISION)
  const revisionAt = (position: number): number => {
    const row = select.get(placeOf(id, position))
    if (row === undefined) throw brokenChain(name, position, 'gap')
    return integerIn(row, 'revision')
  }
  const likely = revision - tip.offset
  if (likely >= tip.firstPosition && likely <= tip.position && revisionAt(likely) === revision) return likely
  let low = tip.firstPosition
  let high = tip.position
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (revisionAt(middle) < revision) low = middle + 1
    else high = middle
  }
  return low
}

/** Where an event id was written last. */
export function newestPositionOf(connection: Connection, { id, tip }: StreamRow, eventId: string): number | undefined {
  const row = connection.prepared(SELECT_NEWEST_BY_ID).get(eventId, placeOf(id, 0), placeOf(id, tip.position))
  return row === undefined ? undefined : positionAt(integerIn(row, 'place'))
}

/** Reads the side streams that hold the states of large CHECKPOINTs. Within a transaction only. */
export function partsReader(connection: Connection): PartsReader {
  return (side, parts) => {
    const stream = connection.streams().find(({ name }) => name === side)
    if (stream === undefined) return []
    const events: StoredEvent[] = []
    const to = Math.min(stream.tip.position, parts - 1)
    while (events.length <= to) events.push(...eventsFrom(connection, stream, events.length, to))
    return events.map(storedData)
  }
}

function parseEvent(row: Row): StoredEvent {
  return {
    position: positionAt(integerIn(row, 'place')),
    revision: integerIn(row, 'revision'),
    eventId: textIn(row, 'event_id'),
    type: textIn(row, 'type'),
    schemaVersion: integerIn(row, 'schema_version'),
    recordedAtMs: integerIn(row, 'recorded_at'),
    body: textIn(row, 'body'),
  }
}
