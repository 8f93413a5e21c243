import { hash } from 'node:crypto'
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { StoreError } from '../errors.ts'
import type { StoredEvent } from '../stored-event.ts'
import { ChunkLines } from './file-shapes.ts'
import { chainHash, sealOf } from './hash-chain.ts'
import { integerIn, textIn, type Row } from './row.ts'
import { placeOf, positionAt } from './schema.ts'

/** Events and bytes of text after which a chunk ends: what one read unpacks at once. */
export const CHUNK_EVENTS_MAX = 1000
export const CHUNK_BYTES_MAX = 1024 * 1024

const CODEC = 'zstd'

/** A piece of archived history: its place in the chain of hashes, and its events unless they were dropped. */
export interface ArchiveChunk {
  readonly streamId: number
  readonly firstPosition: number
  readonly lastPosition: number
  readonly fromRevision: number
  readonly toRevision: number
  readonly oldestRecordedAtMs: number
  readonly newestRecordedAtMs: number
  /** It can stand at the beginning of a history. */
  readonly beginsWithCheckpoint: boolean
  /** Bytes of its text before it was packed; the bound for unpacking it. */
  readonly textBytes: number
  readonly beforeHash: string
  readonly afterHash: string
  readonly sha256: string
  /** `null` once it was dropped. */
  readonly body: Uint8Array | null
}

/** Of a chunk, all but its body. */
export const CHUNK_COLUMNS = `place, last_position, from_revision, to_revision, oldest_recorded_at, newest_recorded_at,
  begins_with_checkpoint, text_bytes, before_hash, after_hash, sha256, seal, length(body) AS packed_bytes`

export const INSERT_CHUNK = `
  INSERT OR REPLACE INTO archive_chunks
    (place, last_position, from_revision, to_revision, oldest_recorded_at, newest_recorded_at, begins_with_checkpoint,
     text_bytes, before_hash, after_hash, sha256, codec, seal, body)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

/** Packs events that follow each other. */
export function packChunk(
  streamId: number,
  events: readonly StoredEvent[],
  hashes: { readonly before: string; readonly after: string },
): ArchiveChunk {
  const first = events[0]
  const last = events.at(-1)
  if (first === undefined || last === undefined) throw new Error('a chunk holds at least one event')
  const text = JSON.stringify(events.map(linesOf))
  const body = zstdCompressSync(text)
  return {
    streamId,
    firstPosition: first.position,
    lastPosition: last.position,
    fromRevision: first.revision,
    toRevision: last.revision,
    oldestRecordedAtMs: first.recordedAtMs,
    newestRecordedAtMs: last.recordedAtMs,
    beginsWithCheckpoint: first.type === 'CHECKPOINT',
    textBytes: Buffer.byteLength(text),
    beforeHash: hashes.before,
    afterHash: hashes.after,
    sha256: hash('sha256', body),
    body,
  }
}

/** The events of a chunk, and the hash of each in the chain. */
export interface UnpackedChunk {
  readonly events: readonly StoredEvent[]
  readonly links: readonly string[]
}

/** The events of a chunk, each hashed again from the chunk's first link to its last. Throws `corrupt`. */
export function unpackChunk(chunk: ArchiveChunk, stream: string): UnpackedChunk {
  if (chunk.body === null) throw new Error('a dropped chunk has no events')
  if (hash('sha256', chunk.body) !== chunk.sha256) throw badChunk(chunk, stream)
  const events = eventsIn(chunk, chunk.body, stream)
  const links: string[] = []
  for (const event of events) links.push(chainHash(links.at(-1) ?? chunk.beforeHash, stream, event))
  const whole = events.length === chunk.lastPosition - chunk.firstPosition + 1 && links.at(-1) === chunk.afterHash
  if (!whole) throw badChunk(chunk, stream)
  return { events, links }
}

/** The values for `INSERT_CHUNK`. */
export function chunkColumns(chunk: ArchiveChunk) {
  const columns = sealedColumns(chunk)
  return [...columns, sealOf(columns), chunk.body] as const
}

export function parseChunk(row: Row, stream: string): ArchiveChunk {
  const place = integerIn(row, 'place')
  const { body } = row
  const chunk: ArchiveChunk = {
    streamId: Math.floor(place / placeOf(1, 0)),
    firstPosition: positionAt(place),
    lastPosition: integerIn(row, 'last_position'),
    fromRevision: integerIn(row, 'from_revision'),
    toRevision: integerIn(row, 'to_revision'),
    oldestRecordedAtMs: integerIn(row, 'oldest_recorded_at'),
    newestRecordedAtMs: integerIn(row, 'newest_recorded_at'),
    beginsWithCheckpoint: integerIn(row, 'begins_with_checkpoint') === 1,
    textBytes: integerIn(row, 'text_bytes'),
    beforeHash: textIn(row, 'before_hash'),
    afterHash: textIn(row, 'after_hash'),
    sha256: textIn(row, 'sha256'),
    body: body instanceof Uint8Array ? body : null,
  }
  if (sealOf(sealedColumns(chunk)) !== textIn(row, 'seal')) throw badChunk(chunk, stream)
  return chunk
}

/** A chunk that is not what was archived. */
export function badChunk(chunk: Pick<ArchiveChunk, 'fromRevision'>, stream: string): StoreError {
  const message = `The archive of ledger ${JSON.stringify(stream)} is damaged from revision ${chunk.fromRevision} on. Run \`holdfast verify\`, then restore a backup.`
  return new StoreError('corrupt', message, { detail: 'archive' })
}

/** All but the body, which the hash stands for: it may be dropped without breaking the chain. */
function sealedColumns(chunk: ArchiveChunk) {
  return [
    placeOf(chunk.streamId, chunk.firstPosition),
    chunk.lastPosition,
    chunk.fromRevision,
    chunk.toRevision,
    chunk.oldestRecordedAtMs,
    chunk.newestRecordedAtMs,
    chunk.beginsWithCheckpoint ? 1 : 0,
    chunk.textBytes,
    chunk.beforeHash,
    chunk.afterHash,
    chunk.sha256,
    CODEC,
  ] as const
}

type Line = readonly [number, string, string, number, number, string]

function linesOf({ revision, eventId, type, schemaVersion, recordedAtMs, body }: StoredEvent): Line {
  return [revision, eventId, type, schemaVersion, recordedAtMs, body]
}

function eventsIn(chunk: ArchiveChunk, body: Uint8Array, stream: string): readonly StoredEvent[] {
  try {
    const text = zstdDecompressSync(body, { maxOutputLength: chunk.textBytes }).toString('utf8')
    const lines = ChunkLines.safeParse(JSON.parse(text))
    if (!lines.success) throw lines.error
    return lines.data.map(([revision, eventId, type, schemaVersion, recordedAtMs, eventBody], index) => ({
      position: chunk.firstPosition + index,
      revision,
      eventId,
      type,
      schemaVersion,
      recordedAtMs,
      body: eventBody,
    }))
  } catch (cause) {
    throw Object.assign(badChunk(chunk, stream), { cause })
  }
}
