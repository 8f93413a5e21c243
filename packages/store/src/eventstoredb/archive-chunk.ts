import { hash } from 'node:crypto'
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import * as z from 'zod'
import { storedBytes } from '../encode-event.ts'
import { StoreError } from '../errors.ts'
import { physicalId } from './physical-id.ts'
import type { PhysicalEvent, StoredRecord } from './stored-record.ts'
import { nextEntry, pointAfter, type EntryAtPoint, type StreamPoint } from './stream-point.ts'

/** Records and bytes of text after which a chunk ends. One chunk must fit one event, however badly it packs. */
export const CHUNK_RECORDS_MAX = 500
export const CHUNK_BYTES_MAX = 256 * 1024

export const CHUNK_TYPE = 'CHUNK'

const PlaceShape = z.object({
  position: z.int(),
  revision: z.int(),
  eventId: z.string(),
  recordedAtMs: z.int(),
  movedAtCreatedMs: z.int(),
  offset: z.int(),
  clockOffsetMs: z.int(),
  checkpointPosition: z.int(),
})

const End = z.object({ revision: z.int(), recordedAtMs: z.int() })

/** What stands in the archive before a chunk, dropped or not. */
const Past = z.object({ events: z.int(), bytes: z.int(), storedBytes: z.int(), first: End.nullable() })
export type Past = z.infer<typeof Past>

const Header = z.object({
  before: PlaceShape,
  /** Place of its last record; of the last one before it when it is empty. */
  after: PlaceShape,
  past: Past,
  events: z.int(),
  /** What its events counted against the size limits of the log. */
  storedBytes: z.int(),
  first: End.nullable(),
  beginsWithCheckpoint: z.boolean(),
  /** Bytes of the text before it was packed, which bound unpacking it. */
  textBytes: z.int(),
  sha256: z.string(),
  /** Hash of the chunk before, so that none can be exchanged. */
  link: z.string(),
})

const Stored = z.object({ ...Header.shape, packed: z.string() })

const Records = z.array(z.tuple([z.string(), z.string(), z.unknown(), z.unknown(), z.int()]))

/** A piece of archived history at its place in the archive's stream. */
export interface ArchiveChunk extends z.infer<typeof Stored> {
  readonly at: number
}

export const NO_PAST: Past = { events: 0, bytes: 0, storedBytes: 0, first: null }

/** The event that holds these records. An empty chunk only keeps what was there, when all before it is dropped. */
export function packChunk(
  records: readonly StoredRecord[],
  { before, past, link, stream }: { before: StreamPoint; past: Past; link: string; stream: string },
): PhysicalEvent {
  let after = before
  let first: { revision: number; recordedAtMs: number } | null = null
  for (const record of records) {
    after = pointAfter(after, record, stream)
    first ??= { revision: after.revision, recordedAtMs: after.recordedAtMs }
  }
  const text = JSON.stringify(
    records.map(({ eventId, type, data, metadata, createdMs }) => [eventId, type, data, metadata, createdMs]),
  )
  const packed = zstdCompressSync(text).toString('base64')
  const data: z.infer<typeof Stored> = {
    before,
    after,
    past,
    events: records.length,
    storedBytes: records.reduce((sum, record) => sum + bytesOf(record), 0),
    first,
    beginsWithCheckpoint: records[0]?.type === 'CHECKPOINT',
    textBytes: Buffer.byteLength(text),
    sha256: hash('sha256', text),
    link,
    packed,
  }
  const eventId = physicalId(`${stream}\n${after.position}\n${records.length}\n${data.sha256}\n${link}`)
  return { eventId, type: CHUNK_TYPE, data, metadata: {} }
}

/** Reads a chunk's header. Throws `corrupt` for what is none. */
export function readChunk(record: StoredRecord, stream: string): ArchiveChunk {
  const parsed = Stored.safeParse(record.data)
  if (record.type !== CHUNK_TYPE || !parsed.success) throw badChunk(stream, record.position, parsed.error)
  return { ...parsed.data, at: record.position }
}

/** The records of a chunk. Throws `corrupt` when they are not what was archived. */
export function unpackChunk(chunk: ArchiveChunk, stream: string): readonly StoredRecord[] {
  const text = unpacked(chunk, stream)
  if (hash('sha256', text) !== chunk.sha256) throw badChunk(stream, chunk.at)
  return Records.parse(JSON.parse(text)).map(([eventId, type, data, metadata, createdMs], index) => ({
    position: chunk.before.position + 1 + index,
    eventId,
    type,
    data,
    metadata,
    createdMs,
  }))
}

/** The records at their places. Throws `corrupt` when they do not lead where the chunk says. */
export function placeChunk(
  chunk: ArchiveChunk,
  records: readonly StoredRecord[],
  stream: string,
): readonly EntryAtPoint[] {
  let point: StreamPoint = chunk.before
  const placed = records.map(record => {
    const next = nextEntry(point, record, stream)
    point = next.point
    return next
  })
  if (point.revision !== chunk.after.revision || point.eventId !== chunk.after.eventId) throw badChunk(stream, chunk.at)
  return placed
}

/** What stands before the chunk after this one. */
export function pastAfter({ past, events, packed, storedBytes, first }: ArchiveChunk): Past {
  return {
    events: past.events + events,
    bytes: past.bytes + packed.length,
    storedBytes: past.storedBytes + storedBytes,
    first: past.first ?? first,
  }
}

export function linkOf({ sha256, link }: ArchiveChunk): string {
  return hash('sha256', `${link}\n${sha256}`)
}

export function badChunk(stream: string, at: number, cause?: unknown): StoreError {
  const message = `Piece ${at} of the archive of ${stream} is not what was archived: it is damaged. Restore a backup.`
  return new StoreError('corrupt', message, { detail: 'archive', ...(cause === undefined ? {} : { cause }) })
}

function bytesOf({ eventId, type, data }: StoredRecord): number {
  return storedBytes({ eventId, type, body: JSON.stringify(data) })
}

function unpacked(chunk: ArchiveChunk, stream: string): string {
  try {
    const maxOutputLength = Math.max(1, chunk.textBytes)
    return zstdDecompressSync(Buffer.from(chunk.packed, 'base64'), { maxOutputLength }).toString()
  } catch (cause) {
    throw badChunk(stream, chunk.at, cause)
  }
}
