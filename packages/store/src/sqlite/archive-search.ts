import { hash } from 'node:crypto'
import type { StoredEvent } from '../stored-event.ts'
import { CHUNK_COLUMNS, parseChunk, unpackChunk, type ArchiveChunk, type UnpackedChunk } from './archive-chunk.ts'
import type { Connection } from './connection.ts'
import { integerIn } from './row.ts'
import { ARCHIVE_FORMAT, placeOf, positionAt } from './schema.ts'
import type { StreamRow } from './stream-row.ts'

const SELECT_SPAN_AT = `
  SELECT place, last_position, from_revision, to_revision FROM archive_chunks
  WHERE place BETWEEN ? AND ? ORDER BY place DESC LIMIT 1`
const SELECT_HELD_FROM = `
  SELECT place, from_revision FROM archive_chunks WHERE place BETWEEN ? AND ? AND body IS NOT NULL ORDER BY place LIMIT 1`
const SELECT_CHECKPOINT_BELOW = `
  SELECT place, from_revision FROM archive_chunks
  WHERE place BETWEEN ? AND ? AND begins_with_checkpoint = 1 AND body IS NOT NULL ORDER BY place DESC LIMIT 1`
const SELECT_CHUNK_AT = `
  SELECT ${CHUNK_COLUMNS}, body FROM archive_chunks WHERE place BETWEEN ? AND ? ORDER BY place DESC LIMIT 1`

/** The chunk that holds the first archived event at or above a revision, with its events; undefined past the last. */
export function chunkFrom(connection: Connection, stream: StreamRow, revision: number): ArchiveChunk | undefined {
  const place = placeOfChunkFrom(connection, stream, revision)
  return place === undefined ? undefined : chunkAt(connection, stream, positionAt(place))
}

/** Searches by halves: revisions grow with places, and the first guess is right where there are no gaps. */
function placeOfChunkFrom(connection: Connection, stream: StreamRow, revision: number): number | undefined {
  if (connection.format() < ARCHIVE_FORMAT) return undefined
  const { id, tip } = stream
  let low = 0
  let high = tip.firstPosition - 1
  let found: number | undefined
  for (let position = Math.min(Math.max(revision, low), high); low <= high;) {
    const row = connection.prepared(SELECT_SPAN_AT).get(placeOf(id, 0), placeOf(id, position))
    // Nothing stands that early: the search goes on behind it.
    const last = row === undefined ? position : integerIn(row, 'last_position')
    if (row === undefined || integerIn(row, 'to_revision') < revision) low = Math.max(last, position) + 1
    else {
      found = integerIn(row, 'place')
      if (integerIn(row, 'from_revision') <= revision) return found
      high = positionAt(found) - 1
    }
    position = Math.floor((low + high) / 2)
  }
  return found
}

/** The chunk that holds a position, or ends before it. */
function chunkAt(connection: Connection, stream: StreamRow, position: number): ArchiveChunk | undefined {
  const row = connection.prepared(SELECT_CHUNK_AT).get(placeOf(stream.id, 0), placeOf(stream.id, position))
  return row === undefined ? undefined : parseChunk(row, stream.name)
}

/** The first place that was not dropped, at a position or behind it; undefined past the last. */
export function heldFrom(
  connection: Connection,
  stream: StreamRow,
  position = 0,
): { readonly position: number; readonly revision: number } | undefined {
  if (connection.format() < ARCHIVE_FORMAT) return undefined
  const [, last] = placesOf(stream)
  const row = connection.prepared(SELECT_HELD_FROM).get(placeOf(stream.id, position), last)
  return row && { position: positionAt(integerIn(row, 'place')), revision: integerIn(row, 'from_revision') }
}

/** The newest archived event below a revision that is a CHECKPOINT: each begins a chunk. */
export function archivedCheckpointBelow(
  connection: Connection,
  stream: StreamRow,
  revision: number,
): StoredEvent | undefined {
  if (connection.format() < ARCHIVE_FORMAT) return undefined
  const [first, last] = placesOf(stream)
  const bound = placeOfChunkFrom(connection, stream, revision) ?? last
  const select = connection.prepared(SELECT_CHECKPOINT_BELOW)
  for (let end = bound; ;) {
    const row = select.get(first, end)
    if (row === undefined) return undefined
    const place = integerIn(row, 'place')
    if (integerIn(row, 'from_revision') < revision) return archivedAt(connection, stream, positionAt(place), 1)[0]
    end = place - 1
  }
}

/** The hash in the chain of an archived event; undefined where it was dropped. */
export function archivedHashAt(connection: Connection, stream: StreamRow, position: number): string | undefined {
  if (connection.format() < ARCHIVE_FORMAT) return undefined
  const chunk = chunkAt(connection, stream, position)
  if (chunk === undefined || chunk.lastPosition < position) return undefined
  if (chunk.lastPosition === position) return chunk.afterHash
  return chunk.body === null
    ? undefined
    : unpacked(connection, chunk, stream.name).links[position - chunk.firstPosition]
}

/** The newest archived event at an instant or before. */
export function archivedUpTo(connection: Connection, stream: StreamRow, atMs: number): StoredEvent | undefined {
  let low = heldFrom(connection, stream)?.position ?? Infinity
  let high = stream.tip.firstPosition - 1
  let found: StoredEvent | undefined
  while (low <= high) {
    const chunk = chunkAt(connection, stream, Math.floor((low + high) / 2))
    if (chunk === undefined) return found
    if (chunk.oldestRecordedAtMs > atMs) {
      high = chunk.firstPosition - 1
      continue
    }
    const events = chunk.body === null ? [] : unpacked(connection, chunk, stream.name).events
    found = events.findLast(({ recordedAtMs }) => recordedAtMs <= atMs) ?? found
    if (chunk.newestRecordedAtMs > atMs) return found
    low = chunk.lastPosition + 1
  }
  return found
}

/** The chunk that each connection unpacked last: whoever looks for one event often looks for its neighbour too. */
const unpackedLast = new WeakMap<Connection, UnpackedChunk & Pick<ArchiveChunk, 'firstPosition' | 'sha256'>>()

function unpacked(connection: Connection, chunk: ArchiveChunk, stream: string): UnpackedChunk {
  const { firstPosition, sha256, streamId } = chunk
  const last = unpackedLast.get(connection)
  const isSame = last?.firstPosition === placeOf(streamId, firstPosition) && last.sha256 === sha256
  if (isSame && chunk.body !== null && hash('sha256', chunk.body) === sha256) return last
  const fresh = { ...unpackChunk(chunk, stream), firstPosition: placeOf(streamId, firstPosition), sha256 }
  unpackedLast.set(connection, fresh)
  return fresh
}

/** Archived events from a revision on, to the end of their chunk: at most `count`. */
export function archivedFrom(
  connection: Connection,
  stream: StreamRow,
  revision: number,
  count = Infinity,
): readonly StoredEvent[] {
  const chunk = chunkFrom(connection, stream, revision)
  if (chunk === undefined || chunk.body === null) return []
  const events = unpacked(connection, chunk, stream.name).events.filter(event => event.revision >= revision)
  return count < events.length ? events.slice(0, count) : events
}

/** Archived events at positions `from` and up, at most `count`: fewer at the end, or where they were dropped. */
export function archivedAt(
  connection: Connection,
  stream: StreamRow,
  from: number,
  count: number,
): readonly StoredEvent[] {
  const events: StoredEvent[] = []
  while (connection.format() >= ARCHIVE_FORMAT && events.length < count) {
    const position = from + events.length
    const chunk = chunkAt(connection, stream, position)
    if (chunk === undefined || chunk.body === null || chunk.lastPosition < position) break
    events.push(...unpacked(connection, chunk, stream.name).events.slice(position - chunk.firstPosition))
  }
  return events.slice(0, count)
}

/** Everything before where the log begins: what lies there after an interrupted upgrade is not believed. */
export function placesOf({ id, tip }: StreamRow): readonly [number, number] {
  return [placeOf(id, 0), placeOf(id, tip.firstPosition) - 1]
}
