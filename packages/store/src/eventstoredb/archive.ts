import type { EpochMs, Revision } from '@holdfast/core'
import { spareDeadline } from '../deadline.ts'
import { StoreError } from '../errors.ts'
import type { ArchiveSummary, HistorySpan } from '../port.ts'
import {
  CHUNK_BYTES_MAX,
  CHUNK_RECORDS_MAX,
  linkOf,
  NO_PAST,
  packChunk,
  pastAfter,
  placeChunk,
  readChunk,
  unpackChunk,
  type ArchiveChunk,
} from './archive-chunk.ts'
import { PAGE_MAX } from './ledger-stream.ts'
import type { Server } from './server.ts'
import type { StoredRecord } from './stored-record.ts'
import { START, type EntryAtPoint, type StreamPoint } from './stream-point.ts'
import { truncateBefore } from './truncate.ts'
import { wholeCheckpoints } from './whole-checkpoint.ts'

/** Chunks of one read. */
const CHUNKS_MAX = 4

/** The log that an archive takes its records from. */
export interface ArchivedLog {
  readonly recordsFrom: (position: number) => Promise<readonly StoredRecord[]>
  readonly before: (record: StoredRecord) => Promise<StreamPoint>
}

/**
 * The archive of one ledger: a side stream of chunks, each of which continues the one before. It may reach into the log
 * when a compaction was interrupted between writing and cutting; what it holds of the log is then left out.
 */
export class Archive {
  readonly #server: Server
  readonly #ledger: string
  readonly #name: string

  constructor(server: Server, { ledger, name }: { readonly ledger: string; readonly name: string }) {
    this.#server = server
    this.#ledger = ledger
    this.#name = name
  }

  /** The newest chunk, or null for an archive that never held anything. */
  async newest(): Promise<ArchiveChunk | null> {
    const [record] = await this.#read({ count: 1, direction: 'backwards' })
    return record === undefined ? null : readChunk(record, this.#ledger)
  }

  /**
   * Archives the log's records up to a position, after what is archived already. Others may do the same at once: each
   * chunk is appended on top of the one that it continues, or not at all. Throws `corrupt` when the log no longer holds
   * what the archive lacks.
   */
  async extend(through: number, log: ArchivedLog): Promise<void> {
    let newest = await this.newest()
    for (;;) {
      const beganAtMs = performance.now()
      const next = (newest?.after.position ?? -1) + 1
      if (next > through) return
      const read = await log.recordsFrom(next)
      const [first] = read
      if (first === undefined || (newest !== null && first.position !== next)) {
        const seen = newest
        newest = await this.newest()
        if (newest === null || newest.at === seen?.at) throw this.#gap(next)
        continue
      }
      const records = chunkOf(read.filter(({ position }) => position <= through))
      const before = newest?.after ?? (first.position === 0 ? START : await log.before(first))
      const past = newest === null ? NO_PAST : pastAfter(newest)
      const link = newest === null ? '' : linkOf(newest)
      const chunk = packChunk(records, { before, past, link, stream: this.#ledger })
      await this.#server.append(this.#name, newest?.at ?? 'no_stream', [chunk])
      newest = await this.newest()
      // A long log may take its time while chunk after chunk is written.
      spareDeadline(performance.now() - beganAtMs)
    }
  }

  /** Archived history before the log's first position, from a revision on. */
  async *read(
    { from, logBegin }: { readonly from: number; readonly logBegin: number },
    aborted: () => boolean = () => false,
  ): AsyncGenerator<readonly EntryAtPoint[], void, undefined> {
    let at = from <= 0 ? 0 : ((await this.#lastWhere(({ before }) => before.revision < from))?.at ?? 0)
    while (!aborted()) {
      const chunks = await this.#chunks(at, CHUNKS_MAX)
      for (const chunk of chunks) {
        if (chunk.before.position + 1 >= logBegin || aborted()) return
        const records = await wholeCheckpoints(unpackChunk(chunk, this.#ledger), this.#server)
        const placed = placeChunk(chunk, records, this.#ledger).filter(({ point }) => point.revision >= from)
        if (placed.length > 0) yield placed
      }
      const last = chunks.at(-1)
      if (last === undefined) return
      at = last.at + 1
    }
  }

  /** Archived entries from a revision on, at most `count`; none when nothing archived stands at that revision. */
  async entriesAt(
    from: number,
    { count, logBegin }: { count: number; logBegin: number },
  ): Promise<readonly EntryAtPoint[]> {
    const entries: EntryAtPoint[] = []
    for await (const placed of this.read({ from, logBegin })) {
      entries.push(...placed)
      if (entries.length >= count) break
    }
    return entries[0]?.point.revision === from ? entries.slice(0, count) : []
  }

  /** Bytes of the events between two positions where chunks begin, in the log and packed. */
  async sizes(from: number, to: number): Promise<{ readonly storedBytes: number; readonly bytes: number }> {
    const start = await this.#lastWhere(({ before }) => before.position < from)
    const end = await this.#lastWhere(({ before }) => before.position + 1 < to)
    if (start === null || end === null) return { storedBytes: 0, bytes: 0 }
    const past = pastAfter(end)
    return { storedBytes: past.storedBytes - start.past.storedBytes, bytes: past.bytes - start.past.bytes }
  }

  /** Whether every chunk holds what was archived and continues the one before. */
  async faults(): Promise<{ readonly chunks: number; readonly faults: number }> {
    let faults = 0
    let count = 0
    let previous: ArchiveChunk | undefined
    for (let at = 0; ;) {
      const chunks = await this.#chunks(at, CHUNKS_MAX)
      for (const chunk of chunks) {
        count += 1
        if (previous !== undefined && linkOf(previous) !== chunk.link) faults += 1
        else if (!this.#sound(chunk)) faults += 1
        previous = chunk
      }
      const last = chunks.at(-1)
      if (last === undefined) return { chunks: count, faults }
      at = last.at + 1
    }
  }

  #sound(chunk: ArchiveChunk): boolean {
    try {
      placeChunk(chunk, unpackChunk(chunk, this.#ledger), this.#ledger)
      return true
    } catch {
      return false
    }
  }

  /** Chunks before the log's first position. */
  async summary(logBegin: number): Promise<ArchiveSummary> {
    const [oldest, following] = await this.#chunks(0, 2)
    const newest = await this.#lastWhere(({ before, events }) => before.position + 1 < logBegin || events === 0)
    if (oldest === undefined || newest === null) return { held: null, dropped: null, bytes: 0 }
    const { past } = oldest
    const dropped = past.first === null ? null : span(past.first, oldest.before, past.events)
    const first = oldest.first ?? following?.first ?? null
    const { events, bytes } = pastAfter(newest)
    const held = first === null || events === past.events ? null : span(first, newest.after, events - past.events)
    return { held, dropped, bytes: held === null ? 0 : bytes - past.bytes }
  }

  /** Hides whole chunks that are older than a time, up to one that begins with a CHECKPOINT, or to the log's. */
  async drop(beforeMs: EpochMs, logBegin: number): Promise<void> {
    let cut: number | undefined
    let newest: ArchiveChunk | undefined
    for (let at = 0; ;) {
      const chunks = await this.#chunks(at, CHUNKS_MAX)
      for (const chunk of chunks) {
        if (chunk.before.position + 1 >= logBegin) break
        if (chunk.beginsWithCheckpoint && newest !== undefined && newest.after.recordedAtMs < beforeMs) cut = chunk.at
        newest = chunk
      }
      const last = chunks.at(-1)
      if (last === undefined || last.before.position + 1 >= logBegin) break
      at = last.at + 1
    }
    if (newest !== undefined && newest.events > 0 && newest.after.recordedAtMs < beforeMs)
      cut = await this.#afterAll(newest)
    if (cut !== undefined) await truncateBefore(this.#server, this.#name, cut)
  }

  /** Where to cut so that nothing is left: at a chunk that holds nothing but the memory of what was there. */
  async #afterAll(newest: ArchiveChunk): Promise<number> {
    const following = await this.#chunks(newest.at + 1, 1)
    const [next] = following
    if (next !== undefined) return next.at
    const empty = packChunk([], {
      before: newest.after,
      past: pastAfter(newest),
      link: linkOf(newest),
      stream: this.#ledger,
    })
    await this.#server.append(this.#name, newest.at, [empty])
    return newest.at + 1
  }

  /** The last chunk for which something holds that holds for all before it. */
  async #lastWhere(holds: (chunk: ArchiveChunk) => boolean): Promise<ArchiveChunk | null> {
    const [oldest] = await this.#chunks(0, 1)
    const newest = await this.newest()
    if (oldest === undefined || newest === null || !holds(oldest)) return null
    let found = oldest
    let high = newest.at
    while (found.at < high) {
      const middle = (found.at + high + 1) >>> 1
      const [chunk] = await this.#chunks(middle, 1)
      if (chunk !== undefined && holds(chunk)) found = chunk
      else high = middle - 1
    }
    return found
  }

  #gap(position: number): StoreError {
    const message = `Neither the log nor the archive of ${this.#ledger} holds position ${position}. Restore a backup.`
    return new StoreError('corrupt', message, { detail: 'gap' })
  }

  async #chunks(from: number, count: number): Promise<readonly ArchiveChunk[]> {
    return (await this.#read({ from, count })).map(record => readChunk(record, this.#ledger))
  }

  async #read(request: Parameters<Server['read']>[1]): Promise<readonly StoredRecord[]> {
    const records = await this.#server.read(this.#name, request)
    return records === 'missing' ? [] : records
  }
}

/** Records that one chunk takes: up to its limits, and never across a CHECKPOINT, where a log may begin. */
function chunkOf(records: readonly StoredRecord[]): readonly StoredRecord[] {
  let bytes = 0
  const taken: StoredRecord[] = []
  for (const record of records.slice(0, Math.min(CHUNK_RECORDS_MAX, PAGE_MAX))) {
    bytes += Buffer.byteLength(JSON.stringify(record.data))
    const full = taken.length > 0 && (bytes > CHUNK_BYTES_MAX || record.type === 'CHECKPOINT')
    if (full) break
    taken.push(record)
  }
  return taken
}

function span(
  first: { readonly revision: number; readonly recordedAtMs: number },
  last: StreamPoint,
  events: number,
): HistorySpan {
  return {
    from: first.revision as Revision,
    to: last.revision as Revision,
    events,
    oldestRecordedAt: first.recordedAtMs as EpochMs,
    newestRecordedAt: last.recordedAtMs as EpochMs,
  }
}
