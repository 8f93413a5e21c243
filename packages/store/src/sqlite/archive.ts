import type { EpochMs, Revision } from '@holdfast/core'
import type { ArchiveSummary, HistorySpan, StoreCheck } from '../port.ts'
import { StoreError } from '../errors.ts'
import type { StoredEvent } from '../stored-event.ts'
import { badChunk, parseChunk, unpackChunk, type ArchiveChunk } from './archive-chunk.ts'
import type { Connection } from './connection.ts'
import { CHAIN_START } from './hash-chain.ts'
import { ARCHIVE_FORMAT, placeOf } from './schema.ts'
import type { StreamRow } from './stream-row.ts'

const COLUMNS = `place, last_position, from_revision, to_revision, oldest_recorded_at, newest_recorded_at,
  begins_with_checkpoint, text_bytes, before_hash, after_hash, sha256, seal, length(body) AS packed_bytes`
const SELECT_CHUNKS = `SELECT ${COLUMNS} FROM archive_chunks WHERE place BETWEEN ? AND ? ORDER BY place`
const SELECT_CHUNK_FROM = `
  SELECT ${COLUMNS}, body FROM archive_chunks
  WHERE place BETWEEN ? AND ? AND to_revision >= ? ORDER BY place LIMIT 1`
const SELECT_CHUNK_AT = `
  SELECT ${COLUMNS}, body FROM archive_chunks WHERE place BETWEEN ? AND ? ORDER BY place DESC LIMIT 1`
const DROP_BODY = 'UPDATE archive_chunks SET body = NULL WHERE place = ?'

interface HeldChunk extends ArchiveChunk {
  /** `null`: dropped. */
  readonly packedBytes: number | null
}

/** The chunk that holds the first archived event at or above a revision, with its events; undefined past the last. */
export function chunkFrom(connection: Connection, stream: StreamRow, revision: number): ArchiveChunk | undefined {
  if (connection.format() < ARCHIVE_FORMAT) return undefined
  const row = connection.prepared(SELECT_CHUNK_FROM).get(...placesOf(stream), revision)
  return row === undefined ? undefined : parseChunk(row, stream.name)
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
  const events = unpackChunk(chunk, stream.name).filter(event => event.revision >= revision)
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
    const row = connection.prepared(SELECT_CHUNK_AT).get(placeOf(stream.id, 0), placeOf(stream.id, position))
    const chunk = row === undefined ? undefined : parseChunk(row, stream.name)
    if (chunk === undefined || chunk.body === null || chunk.lastPosition < position) break
    events.push(...unpackChunk(chunk, stream.name).slice(position - chunk.firstPosition))
  }
  return events.slice(0, count)
}

export function summaryOf(connection: Connection, stream: StreamRow): ArchiveSummary {
  const chunks = chunksOf(connection, stream)
  const held = chunks.filter(({ packedBytes }) => packedBytes !== null)
  return {
    held: spanOf(held),
    dropped: spanOf(chunks.filter(({ packedBytes }) => packedBytes === null)),
    bytes: held.reduce((sum, { packedBytes }) => sum + (packedBytes ?? 0), 0),
  }
}

/** Drops the bodies before the newest CHECKPOINT that everything older precedes; true when there were any. */
export function dropChunks(connection: Connection, stream: StreamRow, beforeMs: number): boolean {
  const chunks = chunksOf(connection, stream)
  const older = chunks.findLastIndex(({ newestRecordedAtMs }) => newestRecordedAtMs < beforeMs)
  let keep = older + 1
  // At the end of the archive the log goes on, which always begins with a CHECKPOINT.
  while (keep > 0 && keep < chunks.length && chunks[keep]?.beginsWithCheckpoint !== true) keep -= 1
  const going = chunks.slice(0, keep).filter(({ packedBytes }) => packedBytes !== null)
  for (const { firstPosition } of going) connection.prepared(DROP_BODY).run(placeOf(stream.id, firstPosition))
  return going.length > 0
}

/** Whether every piece is what was archived, and all of them and the log are one chain. */
export async function checkArchive(
  stream: StreamRow,
  connection: Connection,
  read: <T>(work: () => T) => Promise<T>,
): Promise<readonly StoreCheck[]> {
  let count = 0
  try {
    const chunks = await read(() => chunksOf(connection, stream))
    if (chunks.length === 0 && stream.tip.firstPosition === 0) return []
    let link = CHAIN_START
    let position = 0
    for (const chunk of chunks) {
      if (chunk.beforeHash !== link || chunk.firstPosition !== position) throw badChunk(chunk, stream.name)
      if (chunk.packedBytes !== null) {
        count += (await read(() => archivedFrom(connection, stream, chunk.fromRevision))).length
      }
      link = chunk.afterHash
      position = chunk.lastPosition + 1
    }
    if (link !== stream.baseHash || position !== stream.tip.firstPosition) {
      throw badChunk({ fromRevision: chunks.at(-1)?.toRevision ?? 0 }, stream.name)
    }
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== 'corrupt') throw error
    return [{ name: 'archive-chain', ok: false, count, severity: 'fault', detail: error.message }]
  }
  return [{ name: 'archive-chain', ok: true, count, severity: 'fault' }]
}

function chunksOf(connection: Connection, stream: StreamRow): readonly HeldChunk[] {
  if (connection.format() < ARCHIVE_FORMAT) return []
  return connection
    .prepared(SELECT_CHUNKS)
    .all(...placesOf(stream))
    .map(row => ({
      ...parseChunk(row, stream.name),
      packedBytes: typeof row['packed_bytes'] === 'number' ? row['packed_bytes'] : null,
    }))
}

/** Everything before where the log begins: what lies there after an interrupted upgrade is not believed. */
function placesOf({ id, tip }: StreamRow): readonly [number, number] {
  return [placeOf(id, 0), placeOf(id, tip.firstPosition) - 1]
}

function spanOf(chunks: readonly HeldChunk[]): HistorySpan | null {
  const first = chunks[0]
  const last = chunks.at(-1)
  if (first === undefined || last === undefined) return null
  return {
    from: first.fromRevision as Revision,
    to: last.toRevision as Revision,
    events: last.lastPosition - first.firstPosition + 1,
    oldestRecordedAt: first.oldestRecordedAtMs as EpochMs,
    newestRecordedAt: last.newestRecordedAtMs as EpochMs,
  }
}
