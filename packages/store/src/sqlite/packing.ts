import { storedBytes } from '../encode-event.ts'
import type { StoredEvent } from '../stored-event.ts'
import { CHUNK_BYTES_MAX, CHUNK_EVENTS_MAX, packChunk, type ArchiveChunk } from './archive-chunk.ts'
import { chainHash } from './hash-chain.ts'
import type { StreamRow } from './stream-row.ts'

/**
 * Gathers events into chunks; each CHECKPOINT begins one, so that what is older can be dropped. Where the chunks of a log
 * begin depends on its events alone, so whoever packs it makes the same ones.
 */
export class Packing {
  readonly #stream: StreamRow
  #chunks: ArchiveChunk[] = []
  #events: StoredEvent[] = []
  #textBytes = 0
  #bytesReclaimed = 0
  #before: string
  #link: string

  /** `before`: the hash that the first event chains to. */
  constructor(stream: StreamRow, before: string) {
    this.#stream = stream
    this.#before = before
    this.#link = before
  }

  /** Chunks that are full and were not taken away yet. */
  get ready(): number {
    return this.#chunks.length
  }

  /** What all chunks so far are smaller than their events in the log. */
  get bytesReclaimed(): number {
    return Math.max(0, this.#bytesReclaimed)
  }

  add(events: readonly StoredEvent[]): void {
    for (const event of events) {
      const full = this.#events.length >= CHUNK_EVENTS_MAX || this.#textBytes >= CHUNK_BYTES_MAX
      if (full || event.type === 'CHECKPOINT') this.#pack()
      this.#events.push(event)
      this.#link = chainHash(this.#link, this.#stream.name, event)
      this.#textBytes += storedBytes(event)
    }
  }

  /** Nothing follows: the last chunk is full as it is. */
  end(): void {
    this.#pack()
  }

  /** Takes the oldest of them away. */
  take(count = Infinity): readonly ArchiveChunk[] {
    const taken = this.#chunks.slice(0, count)
    this.#chunks = this.#chunks.slice(count)
    return taken
  }

  #pack(): void {
    if (this.#events.length === 0) return
    const chunk = packChunk(this.#stream.id, this.#events, { before: this.#before, after: this.#link })
    this.#chunks.push(chunk)
    this.#bytesReclaimed += this.#textBytes - (chunk.body?.length ?? 0)
    this.#events = []
    this.#textBytes = 0
    this.#before = this.#link
  }
}
