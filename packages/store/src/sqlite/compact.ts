import { storedBytes } from '../encode-event.ts'
import { noCheckpoint } from '../memory-archive.ts'
import type { CompactResult } from '../port.ts'
import { READ_BATCH_MAX } from '../read-by-position.ts'
import type { StoredEvent } from '../stored-event.ts'
import {
  CHUNK_BYTES_MAX,
  CHUNK_EVENTS_MAX,
  chunkColumns,
  INSERT_CHUNK,
  packChunk,
  type ArchiveChunk,
} from './archive-chunk.ts'
import { archivedFrom } from './archive.ts'
import type { Connection } from './connection.ts'
import { chainHash } from './hash-chain.ts'
import { eventsFrom, hashBefore, positionFrom } from './read-events.ts'
import { ARCHIVE_FORMAT, ARCHIVE_SCHEMA, placeOf } from './schema.ts'
import { REPLACE_STREAM, streamColumns, type StreamRow } from './stream-row.ts'

const DELETE_EVENTS = 'DELETE FROM events WHERE place BETWEEN ? AND ?'

/** A cut that is ready to be made: everything that can be done outside the write lock. */
export interface PreparedCut {
  /** First position of the log that it was prepared on; another one means that it is out of date. */
  readonly firstPosition: number
  /** Position of the CHECKPOINT that the log begins with afterwards. */
  readonly cut: number
  readonly chunks: readonly ArchiveChunk[]
  readonly bytesReclaimed: number
}

type Reader = <T>(work: () => T) => Promise<T>

/** Packs what leaves the log, batch by batch, so that neither timers nor writers wait for it. */
export async function prepareCut(
  name: string,
  connection: Connection,
  checkpoint: number,
  read: Reader,
): Promise<PreparedCut> {
  const start = await read(() => whereToCut(name, connection, checkpoint))
  const { stream, cut } = start
  const packing = new Packing(stream, start.before)
  for (let position = stream.tip.firstPosition; position < cut;) {
    const to = Math.min(cut - 1, position + READ_BATCH_MAX - 1)
    const events = await read(() => batchOf(name, connection, stream, { from: position, to }))
    if (events.length === 0) break // Cut by somebody else meanwhile: making this one will say so.
    packing.take(events)
    position += events.length
  }
  return { firstPosition: stream.tip.firstPosition, cut, ...packing.end() }
}

/** Makes the cut; undefined when somebody else has cut meanwhile. Inside a write transaction only. */
export function makeCut(
  connection: Connection,
  stream: StreamRow,
  { firstPosition, cut, chunks, bytesReclaimed }: PreparedCut,
): { readonly result: CompactResult; readonly after: StreamRow } | undefined {
  const eventsBefore = stream.tip.position - stream.tip.firstPosition + 1
  const unchanged = { eventsBefore, eventsAfter: eventsBefore, bytesReclaimed: 0 }
  if (cut <= stream.tip.firstPosition) return { result: unchanged, after: stream }
  if (stream.tip.firstPosition !== firstPosition) return undefined
  if (connection.format() < ARCHIVE_FORMAT) {
    connection.database.exec(`${ARCHIVE_SCHEMA}; PRAGMA user_version = ${ARCHIVE_FORMAT}`)
  }
  const insert = connection.prepared(INSERT_CHUNK)
  for (const chunk of chunks) insert.run(...chunkColumns(chunk))
  const baseHash = hashBefore(connection, stream, cut)
  connection.prepared(DELETE_EVENTS).run(placeOf(stream.id, firstPosition), placeOf(stream.id, cut) - 1)
  const after = { ...stream, baseHash, tip: { ...stream.tip, firstPosition: cut } }
  connection.prepared(REPLACE_STREAM).run(...streamColumns(after))
  return { result: { eventsBefore, eventsAfter: stream.tip.position - cut + 1, bytesReclaimed }, after }
}

function batchOf(
  name: string,
  connection: Connection,
  stream: StreamRow,
  { from, to }: { readonly from: number; readonly to: number },
): readonly StoredEvent[] {
  return connection.snapshot(store => {
    const now = connection.stream(store, name)
    return now?.tip.firstPosition === stream.tip.firstPosition ? eventsFrom(connection, now, from, to) : []
  })
}

function whereToCut(name: string, connection: Connection, checkpoint: number) {
  return connection.snapshot(store => {
    const stream = connection.stream(store, name)
    if (stream === undefined) throw noCheckpoint(checkpoint)
    const before = hashBefore(connection, stream, stream.tip.firstPosition)
    const position = positionFrom(connection, stream, checkpoint)
    const found = position <= stream.tip.position && eventsFrom(connection, stream, position, position)[0]
    if (found && found.revision === checkpoint && found.type === 'CHECKPOINT') return { stream, before, cut: position }
    const archived = archivedFrom(connection, stream, checkpoint, 1)[0]
    if (archived?.revision !== checkpoint || archived.type !== 'CHECKPOINT') throw noCheckpoint(checkpoint)
    return { stream, before, cut: archived.position }
  })
}

/** Gathers events into chunks; each CHECKPOINT begins one, so that what is older can be dropped. */
class Packing {
  readonly #stream: StreamRow
  readonly #chunks: ArchiveChunk[] = []
  #events: StoredEvent[] = []
  #textBytes = 0
  #logBytes = 0
  #before: string
  #link: string

  constructor(stream: StreamRow, before: string) {
    this.#stream = stream
    this.#before = before
    this.#link = before
  }

  take(events: readonly StoredEvent[]): void {
    for (const event of events) {
      const full = this.#events.length >= CHUNK_EVENTS_MAX || this.#textBytes >= CHUNK_BYTES_MAX
      if (full || event.type === 'CHECKPOINT') this.#pack()
      this.#events.push(event)
      this.#link = chainHash(this.#link, this.#stream.name, event)
      this.#textBytes += storedBytes(event)
      this.#logBytes += storedBytes(event)
    }
  }

  end(): { readonly chunks: readonly ArchiveChunk[]; readonly bytesReclaimed: number } {
    this.#pack()
    const packed = this.#chunks.reduce((sum, { body }) => sum + (body?.length ?? 0), 0)
    return { chunks: this.#chunks, bytesReclaimed: Math.max(0, this.#logBytes - packed) }
  }

  #pack(): void {
    if (this.#events.length === 0) return
    const hashes = { before: this.#before, after: this.#link }
    this.#chunks.push(packChunk(this.#stream.id, this.#events, hashes))
    this.#events = []
    this.#textBytes = 0
    this.#before = this.#link
  }
}
