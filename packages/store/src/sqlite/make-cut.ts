import type { CompactResult } from '../port.ts'
import { chunkColumns, INSERT_CHUNK, type ArchiveChunk } from './archive-chunk.ts'
import type { CutPlan } from './compact.ts'
import type { Connection } from './connection.ts'
import { brokenChain } from './hash-chain.ts'
import { hashBefore } from './read-events.ts'
import { integerIn, textIn } from './row.ts'
import { ARCHIVE_FORMAT, ARCHIVE_SCHEMA, placeOf, positionAt } from './schema.ts'
import { REPLACE_STREAM, streamColumns, type StreamRow } from './stream-row.ts'

const DELETE_CHUNKS = 'DELETE FROM archive_chunks WHERE place BETWEEN ? AND ?'
const DELETE_EVENTS = 'DELETE FROM events WHERE place BETWEEN ? AND ?'
const SELECT_LINKS = `
  SELECT place, last_position, before_hash, after_hash FROM archive_chunks
  WHERE place BETWEEN ? AND ? ORDER BY place`

/** Writes chunks of a log's beginning, in the place of what an interrupted compaction left there. */
export function insertChunks(connection: Connection, chunks: readonly ArchiveChunk[]): void {
  if (connection.format() < ARCHIVE_FORMAT) {
    connection.database.exec(`${ARCHIVE_SCHEMA}; PRAGMA user_version = ${ARCHIVE_FORMAT}`)
  }
  for (const chunk of chunks) {
    const { streamId, firstPosition, lastPosition } = chunk
    connection.prepared(DELETE_CHUNKS).run(placeOf(streamId, firstPosition), placeOf(streamId, lastPosition))
    connection.prepared(INSERT_CHUNK).run(...chunkColumns(chunk))
  }
}

/** Makes a cut that everything is archived for. Inside a write transaction only. */
export function makeCut(
  connection: Connection,
  stream: StreamRow,
  { cut }: CutPlan,
): { readonly eventsAfter: number; readonly after: StreamRow } {
  const baseHash = hashBefore(connection, stream, cut)
  mustBeArchived(connection, stream, { cut, baseHash })
  const after = { ...stream, baseHash, tip: { ...stream.tip, firstPosition: cut } }
  connection.prepared(REPLACE_STREAM).run(...streamColumns(after))
  return { eventsAfter: stream.tip.position - cut + 1, after }
}

/** Removes the events of a side stream before a position for good, and has it begin there. Inside a write transaction only. */
export function discardEvents(connection: Connection, stream: StreamRow, cut: number): StreamRow {
  const after = { ...stream, baseHash: hashBefore(connection, stream, cut), tip: { ...stream.tip, firstPosition: cut } }
  connection.prepared(DELETE_EVENTS).run(placeOf(stream.id, stream.tip.firstPosition), placeOf(stream.id, cut) - 1)
  connection.prepared(REPLACE_STREAM).run(...streamColumns(after))
  return after
}

/** The chunks of what leaves the log are one chain, from the hash before it to the hash before the cut. */
function mustBeArchived(
  connection: Connection,
  { id, name, tip, baseHash: begin }: StreamRow,
  { cut, baseHash }: { readonly cut: number; readonly baseHash: string },
): void {
  let position = tip.firstPosition
  let link = begin
  for (const row of connection.prepared(SELECT_LINKS).iterate(placeOf(id, position), placeOf(id, cut) - 1)) {
    const follows = positionAt(integerIn(row, 'place')) === position && textIn(row, 'before_hash') === link
    if (!follows) throw brokenChain(name, position, 'gap')
    position = integerIn(row, 'last_position') + 1
    link = textIn(row, 'after_hash')
  }
  if (position !== cut || link !== baseHash) throw brokenChain(name, position, 'gap')
}

/** What a compaction says that had nothing to do. */
export function unchanged({ tip }: StreamRow): CompactResult {
  const events = tip.position - tip.firstPosition + 1
  return { eventsBefore: events, eventsAfter: events, bytesReclaimed: 0 }
}
