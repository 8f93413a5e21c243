import type { EpochMs, LogEntry, RecordedEvent, Revision } from '@holdfast/core'
import type { SideStore } from './beside/abandon.ts'
import { BesideStore } from './beside/beside-store.ts'
import { appended } from './appended.ts'
import { checkOptions } from './check-given.ts'
import { splitCheckpoints, type SideStream } from './checkpoint-parts.ts'
import { encodeEvents, type EncodedEvent } from './encode-event.ts'
import { StoreError } from './errors.ts'
import { archiveSummary, compactInMemory, dropInMemory } from './memory-archive.ts'
import { MemoryLog, type MemoryStream } from './memory-log.ts'
import {
  COMMIT_TAIL_MAX,
  type AppendResult,
  type ArchiveReadOptions,
  type ArchiveSummary,
  type CommitDecider,
  type CommitResult,
  type CompactResult,
  type ExpectedHead,
  type Head,
  type LogStore,
  type NewEvent,
  type ReadOptions,
  type Snapshot,
  type SnapshotKey,
  type StoreCheck,
  type SubscriptionItem,
} from './port.ts'
import { READ_BATCH_MAX, readByPosition } from './read-by-position.ts'
import { earlierAppend } from './repeated-append.ts'
import { writtenEntry, type StoredEvent } from './stored-event.ts'
import { checkStreamName } from './stream-name.ts'
import { headOf, isBeyond, nowOf } from './stream-tip.ts'
import { behindThePresented, subscribeByReading } from './subscribe-by-reading.ts'

export { MemoryLog } from './memory-log.ts'

export interface MemoryStoreOptions {
  /** Milliseconds since the epoch; default `Date.now`. Ignored when `log` is given, which has its own. */
  readonly clock?: (() => number) | undefined
  /** Shares a log between stores, as processes share a database. */
  readonly log?: MemoryLog | undefined
}

/**
 * The reference store: everything the port promises but durability, in one process. Deterministic: no timers and no
 * randomness; each operation takes effect in one step after one turn of the microtask queue.
 */
export function openMemoryStore(options: MemoryStoreOptions = {}): LogStore {
  checkOptions(options, { clock: 'function', log: 'object' })
  const { clock = Date.now, log = new MemoryLog(clock) } = options
  return new BesideStore(new MemoryStore(log))
}

class MemoryStore implements SideStore {
  readonly url = 'memory:'
  readonly kind = 'memory'
  readonly clock = 'steady'
  readonly #log: MemoryLog
  readonly #closed = new AbortController()

  constructor(log: MemoryLog) {
    this.#log = log
  }

  async append(stream: string, expected: ExpectedHead, events: readonly NewEvent[]): Promise<AppendResult> {
    const { encoded, sides } = encodeSplit(stream, events)
    const at = await this.#stream(stream)
    const head = headOf(at.tip)
    if (expected === 'any' || expected !== head) {
      const earlier = earlierAppend(encoded, expected, {
        newestPositionOf: eventId => at.positions.get(eventId),
        positionAfter: revision => at.archivedPositionFrom(revision + 1),
        firstPosition: 0,
        events: (position, count) => at.events.slice(position, position + count),
      })
      if (earlier !== undefined) return earlier
      if (expected !== 'any') return { outcome: 'conflict', actual: head }
    }
    return appended(this.#write(at, encoded, { sides, clockMs: this.#log.nowMs() }))
  }

  async commit(stream: string, after: Head, decider: CommitDecider): Promise<CommitResult> {
    const at = await this.#stream(stream)
    if (isBeyond(at.tip, after)) throw behindThePresented(after, headOf(at.tip))
    const unseen = at.entries(at.positionFrom(after === 'none' ? 0 : after + 1))
    const far = Math.max(0, unseen.length - COMMIT_TAIL_MAX)
    if (far > 0) decider.absorb(unseen.slice(0, far))
    const clockMs = this.#log.nowMs()
    const view = { entries: unseen.slice(far), head: headOf(at.tip), nowMs: nowOf(at.tip, clockMs) }
    const events = decider.decide(view)
    if (events.length === 0) return { entries: [], head: headOf(at.tip) }
    const { encoded, sides } = encodeSplit(stream, events)
    const placed = this.#write(at, encoded, { sides, clockMs })
    const decode = ({ position }: StoredEvent): LogEntry => at.entryAt(position)
    return { entries: placed.map((stored, index) => writtenEntry(events[index], stored, decode)), head: headOf(at.tip) }
  }

  async *read(stream: string, options: ReadOptions = {}): AsyncGenerator<readonly LogEntry[], void, undefined> {
    const at = await this.#stream(stream)
    yield* readByPosition(options, {
      tip: async () => (await this.#stream(stream)).tip,
      positionFrom: revision => Promise.resolve(at.positionFrom(revision)),
      batch: async (from, to) => logEntries(await this.#stream(stream), from, to),
    })
  }

  async *subscribe(
    stream: string,
    after: Head,
    { signal }: { readonly signal: AbortSignal },
  ): AsyncGenerator<SubscriptionItem, void, undefined> {
    const at = await this.#stream(stream)
    const source = {
      tip: async () => (await this.#stream(stream)).tip,
      positionAfter: (revision: Head) => Promise.resolve(revision === 'none' ? 0 : at.positionFrom(revision + 1)),
      batch: async (from: number) => logEntries(await this.#stream(stream), from, from + READ_BATCH_MAX - 1),
      changes: this.#log.changes,
    }
    yield* subscribeByReading(source, after, AbortSignal.any([signal, this.#closed.signal]))
    if (!signal.aborted) this.#checkOpen()
  }

  async head(stream: string): Promise<Head> {
    return headOf((await this.#stream(stream)).tip)
  }

  async now(stream: string): Promise<EpochMs> {
    const at = await this.#stream(stream)
    return nowOf(at.tip, this.#log.nowMs())
  }

  async latestCheckpoint(stream: string, before?: Revision): Promise<RecordedEvent<'CHECKPOINT'> | null> {
    const at = await this.#stream(stream)
    const end = before === undefined ? Infinity : at.positionFrom(before)
    for (let position = Math.min(end - 1, at.tip.checkpointPosition); position >= at.tip.firstPosition; position -= 1) {
      const [entry] = at.events[position]?.type === 'CHECKPOINT' ? at.entries(position, position + 1) : []
      if (entry?.type === 'CHECKPOINT') return entry
    }
    return null
  }

  async discardBefore(stream: string, event: Revision): Promise<void> {
    const at = await this.#stream(stream)
    const firstPosition = at.positionFrom(event)
    at.tip = { ...at.tip, firstPosition }
    at.archiveFirst = firstPosition
  }

  async compact(stream: string, checkpoint: Revision): Promise<CompactResult> {
    const at = await this.#stream(stream)
    const before = at.tip
    const result = compactInMemory(at, checkpoint)
    if (at.tip !== before) this.#log.changes.raise()
    return result
  }

  async *readArchive(
    stream: string,
    { from, signal }: ArchiveReadOptions = {},
  ): AsyncGenerator<readonly LogEntry[], void, undefined> {
    const at = await this.#stream(stream)
    const aborted = (): boolean => signal?.aborted ?? false
    let next = Math.max(at.archiveFirst, from === undefined ? 0 : at.archivedPositionFrom(from))
    while (next < at.tip.firstPosition && !aborted()) {
      const entries = at.entries(next, Math.min(at.tip.firstPosition, next + READ_BATCH_MAX))
      next += entries.length
      yield entries
      await this.#stream(stream)
    }
  }

  async archive(stream: string): Promise<ArchiveSummary> {
    return archiveSummary(await this.#stream(stream))
  }

  async dropArchive(stream: string, before: EpochMs): Promise<ArchiveSummary> {
    const at = await this.#stream(stream)
    dropInMemory(at, before)
    return archiveSummary(at)
  }

  async loadSnapshot(stream: string, key: SnapshotKey): Promise<Snapshot | null> {
    const at = await this.#stream(stream)
    const cached = this.#log.snapshots.get(stream)
    if (cached === undefined || isBeyond(at.tip, cached.snapshot.throughRevision)) return null
    const { ledgerId, codeVersion, throughRevision } = cached.snapshot
    if (ledgerId !== key.ledgerId || codeVersion !== key.codeVersion) return null
    return { ledgerId, codeVersion, throughRevision, state: JSON.parse(cached.state) }
  }

  async saveSnapshot(stream: string, { state, ...snapshot }: Snapshot): Promise<void> {
    await this.#stream(stream)
    this.#log.snapshots.set(stream, { snapshot, state: JSON.stringify(state) })
  }

  async check(stream: string): Promise<readonly StoreCheck[]> {
    const { events } = await this.#stream(stream)
    const ordered = events.every((event, index) => event.revision > (events[index - 1]?.revision ?? -1))
    return [{ name: 'revisions', ok: ordered, count: events.length, severity: 'fault' }]
  }

  close(): Promise<void> {
    if (!this.#closed.signal.aborted) this.#closed.abort()
    return Promise.resolve()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** One turn later, so that callers interleave as they would over a real store. */
  async #stream(stream: string): Promise<MemoryStream> {
    checkStreamName(stream)
    await Promise.resolve()
    this.#checkOpen()
    return this.#log.stream(stream)
  }

  #checkOpen(): void {
    if (this.#closed.signal.aborted) throw new StoreError('unavailable', 'This store is closed. Open it again.')
  }

  #write(
    at: MemoryStream,
    encoded: readonly EncodedEvent[],
    { sides, clockMs }: { readonly sides: readonly SideStream[]; readonly clockMs: number },
  ): readonly StoredEvent[] {
    for (const side of sides) {
      const parts = this.#log.stream(side.stream)
      if (parts.events.length === 0) for (const part of side.events) parts.append(encodeEvents([part]), clockMs)
    }
    const placed = at.append(encoded, clockMs)
    this.#log.changes.raise()
    return placed
  }
}

function encodeSplit(stream: string, events: readonly NewEvent[]) {
  const { events: own, sides } = splitCheckpoints(stream, events)
  return { encoded: encodeEvents(own), sides }
}

/** Entries at positions `from` to `to`; none when the first of them has left the log. */
function logEntries(at: MemoryStream, from: number, to: number): readonly LogEntry[] {
  return from < at.tip.firstPosition ? [] : at.entries(from, to + 1)
}
