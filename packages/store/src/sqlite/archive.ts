import type { EpochMs, Revision } from '@holdfast/core'
import type { ArchiveSummary, HistorySpan, StoreCheck } from '../port.ts'
import { StoreError } from '../errors.ts'
import { badChunk, CHUNK_COLUMNS, parseChunk, type ArchiveChunk } from './archive-chunk.ts'
import { archivedFrom, placesOf } from './archive-search.ts'
import type { Connection } from './connection.ts'
import { CHAIN_START } from './hash-chain.ts'
import { ARCHIVE_FORMAT, placeOf } from './schema.ts'
import type { StreamRow } from './stream-row.ts'

const SELECT_CHUNKS = `SELECT ${CHUNK_COLUMNS} FROM archive_chunks WHERE place BETWEEN ? AND ? ORDER BY place`
const DROP_BODY = 'UPDATE archive_chunks SET body = NULL WHERE place = ?'

interface HeldChunk extends ArchiveChunk {
  /** `null`: dropped. */
  readonly packedBytes: number | null
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
