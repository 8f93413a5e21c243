import type { EpochMs, Revision } from '@holdfast/core'
import { appended } from '../appended.ts'
import { splitCheckpoints, type SideStream } from '../checkpoint-parts.ts'
import { encodeEvents, type EncodedEvent } from '../encode-event.ts'
import { StoreError } from '../errors.ts'
import {
  COMMIT_TAIL_MAX,
  type AppendResult,
  type CommitDecider,
  type CommitResult,
  type CompactResult,
  type ExpectedHead,
  type Head,
  type NewEvent,
} from '../port.ts'
import { earlierAppend } from '../repeated-append.ts'
import { decodeEvent, writtenEntry, type StoredEvent } from '../stored-event.ts'
import { EMPTY_TIP, headOf, isBeyond, nowOf, placeEvents } from '../stream-tip.ts'
import { behindThePresented } from '../subscribe-by-reading.ts'
import { dropChunks } from './archive.ts'
import { archivedAt, archivedFrom } from './archive-search.ts'
import type { ArchiveChunk } from './archive-chunk.ts'
import { clearEvents, REMOVALS_MAX, type Clearing } from './clear-events.ts'
import type { CutPlan, CutWrites } from './compact.ts'
import type { Connection } from './connection.ts'
import { brokenChain } from './hash-chain.ts'
import { readLogClock, type ClockReading, type ClockSources } from './log-clock.ts'
import { discardEvents, insertChunks, makeCut, unchanged } from './make-cut.ts'
import { eventsFrom, hashBefore, newestPositionOf, partsReader, positionFrom } from './read-events.ts'
import { STREAMS_MAX } from './schema.ts'
import { asStoreError, isBackup, isUnknownOutcome } from './sqlite-error.ts'
import type { StoreRow } from './store-row.ts'
import { freshStream, type StreamRow } from './stream-row.ts'
import type { Witnessed } from './witness.ts'
import type { Attempt } from './write-lock.ts'

/** Parts that one transaction removes: their pages are many. */
const DISCARDED_MAX = 16

/** The transaction under way: what it began on, and what it has done. */
interface Transaction {
  store: StoreRow
  /** `PRAGMA data_version` in it. */
  readonly dataVersion: number
  witnessed: Witnessed | undefined
  changed: boolean
  /** Streams as they are after what was appended; `undefined` once something else was done. */
  appended: Map<string, StreamRow> | undefined
}

/**
 * What this connection has committed last. As long as SQLite says that no other connection has committed since, these rows
 * are what it would read again, from its own pages.
 */
interface Known {
  readonly dataVersion: number
  readonly store: StoreRow
  readonly streams: Map<string, StreamRow>
}

/** Streams whose rows are kept in mind. A process writes one ledger, and now and then a side stream. */
const KNOWN_STREAMS_MAX = 16

/** Writes of one connection; each public method but `now` runs inside `transaction`. */
export class StreamWriter {
  readonly #connection: Connection
  readonly #clocks: ClockSources
  readonly #committed: () => void
  #transaction: Transaction | undefined
  #known: Known | undefined

  constructor(connection: Connection, clocks: ClockSources, committed: () => void) {
    this.#connection = connection
    this.#clocks = clocks
    this.#committed = committed
  }

  /** Runs `work` in one write transaction and commits what it changed; calls `got` once it has the lock. */
  transaction<T>(work: () => T, got: () => void): Attempt<T> {
    try {
      if (!this.#connection.begin()) return { kind: 'busy' }
    } catch (error) {
      throw asStoreError(error, this.#connection.path)
    }
    got()
    try {
      this.#connection.checkIdentity()
      const transaction = this.#beginOn()
      this.#transaction = transaction
      const value = work()
      if (transaction.changed) this.#commit(transaction)
      return { kind: 'done', value }
    } catch (error) {
      this.#known = undefined
      throw asStoreError(error, this.#connection.path)
    } finally {
      this.#transaction = undefined
      this.#abandon()
    }
  }

  /** What nobody else has changed is not read again, but held against the witness all the same. */
  #beginOn(): Transaction {
    const dataVersion = this.#connection.dataVersion()
    const fresh = { dataVersion, witnessed: undefined, changed: false, appended: new Map<string, StreamRow>() }
    if (this.#known?.dataVersion === dataVersion) {
      return { ...fresh, store: this.#connection.checkedStore(this.#known.store) }
    }
    this.#known = undefined
    this.#connection.checkFormat()
    if (this.#connection.isBackup()) throw isBackup(this.#connection.path)
    return { ...fresh, store: this.#connection.storeRow() }
  }

  append(name: string, expected: ExpectedHead, events: readonly NewEvent[]): AppendResult {
    const { events: own, sides } = splitCheckpoints(name, events)
    const encoded = encodeEvents(own)
    const stream = this.#stream(name)
    const head = headOf(stream.tip)
    if (expected === 'any' || expected !== head) {
      const earlier = earlierAppend(encoded, expected, {
        newestPositionOf: eventId => newestPositionOf(this.#connection, stream, eventId),
        positionAfter: revision => this.#positionAfter(stream, revision),
        firstPosition: 0,
        events: (position, count) => this.#eventsAnywhere(stream, position, count),
      })
      if (earlier !== undefined) return earlier
      if (expected !== 'any') return { outcome: 'conflict', actual: head }
    }
    const placed = this.#place(stream, encoded, { ...this.#clock(stream), sides })
    return appended(placed)
  }

  commit(name: string, after: Head, decider: CommitDecider): CommitResult | 'tail-too-long' {
    const stream = this.#stream(name)
    const head = headOf(stream.tip)
    if (isBeyond(stream.tip, after)) throw behindThePresented(after, head)
    const from = after === 'none' ? stream.tip.firstPosition : positionFrom(this.#connection, stream, after + 1)
    if (stream.tip.position - from >= COMMIT_TAIL_MAX) return 'tail-too-long'
    const clock = this.#clock(stream)
    const unseen = this.#events(stream, from, COMMIT_TAIL_MAX).map(this.#decode)
    const events = decider.decide({ entries: unseen, head, nowMs: nowOf(stream.tip, clock.clockMs) })
    if (events.length === 0) return { entries: [], head }
    const { events: own, sides } = splitCheckpoints(name, events)
    const placed = this.#place(stream, encodeEvents(own), { ...clock, sides })
    const entries = placed.map((stored, index) => writtenEntry(events[index], stored, this.#decode))
    return { entries, head: placed.at(-1)?.revision as Revision }
  }

  /** The log clock; undefined when it is not bound to this boot yet, which takes a transaction. Whoever only reads has what binding it now would give. */
  now(name: string): EpochMs | undefined {
    return this.#connection.snapshot(store => {
      const stream = this.#connection.stream(store, name)
      // In a backup time stands still: nothing expires in it.
      if (this.#connection.isBackup()) return (stream?.tip ?? EMPTY_TIP).recordedAtMs as EpochMs
      const reading = this.#read(store, stream)
      const isBound = reading.reanchored === undefined || this.#connection.readsOnly
      return isBound ? nowOf(stream?.tip ?? EMPTY_TIP, reading.clockMs) : undefined
    })
  }

  anchorAndNow(name: string): EpochMs {
    const stream = this.#stream(name)
    const { clockMs } = this.#clock(stream)
    return nowOf(stream.tip, clockMs)
  }

  /** The writes of a compaction. */
  cutWrites(name: string): CutWrites {
    let removals = 0
    return {
      archive: (plan, chunks) => this.#archive(name, plan, chunks),
      cut: (plan, chunks, bytesReclaimed) => this.#cut(name, { plan, chunks, bytesReclaimed }),
      clear: () => {
        const clearing = this.#clear(name)
        if (clearing === 'removed') removals += 1
        return clearing !== 'nothing-left' && removals < REMOVALS_MAX
      },
    }
  }

  dropArchive(name: string, beforeMs: number): void {
    const stream = this.#stream(name)
    if (dropChunks(this.#connection, stream, beforeMs)) this.#wrote(stream)
  }

  /** Removes the oldest events of a side stream, up to an event; true while there are more. */
  discardBefore(name: string, revision: number): boolean {
    const stream = this.#stream(name)
    const { firstPosition } = stream.tip
    const end = positionFrom(this.#connection, stream, revision)
    if (end <= firstPosition || end > stream.tip.position) return false
    const cut = Math.min(end, firstPosition + DISCARDED_MAX)
    this.#wrote(discardEvents(this.#connection, stream, cut))
    return cut < end
  }

  #archive(name: string, { firstPosition }: CutPlan, chunks: readonly ArchiveChunk[]): boolean {
    const stream = this.#stream(name)
    if (stream.tip.firstPosition !== firstPosition) return false
    insertChunks(this.#connection, chunks)
    // Nobody sees it yet, so nobody needs to be told, and no witness to remember.
    this.#changed()
    return true
  }

  #cut(
    name: string,
    {
      plan,
      chunks,
      bytesReclaimed,
    }: { readonly plan: CutPlan; readonly chunks: readonly ArchiveChunk[]; readonly bytesReclaimed: number },
  ): CompactResult | undefined {
    const stream = this.#stream(name)
    const before = unchanged(stream)
    if (plan.cut <= stream.tip.firstPosition) return before
    if (stream.tip.firstPosition !== plan.firstPosition) return undefined
    insertChunks(this.#connection, chunks)
    const { eventsAfter, after } = makeCut(this.#connection, stream, plan)
    this.#wrote(after)
    return { ...before, eventsAfter, bytesReclaimed }
  }

  #clear(name: string): Clearing {
    const clearing = clearEvents(this.#connection, this.#stream(name))
    if (clearing !== 'nothing-left') this.#changed()
    return clearing
  }

  #place(
    stream: StreamRow,
    events: readonly EncodedEvent[],
    { clockMs, sides }: ClockReading & { readonly sides: readonly SideStream[] },
  ): readonly StoredEvent[] {
    for (const side of sides) this.#placeSide(side, clockMs)
    const isKnown = this.#known?.streams.get(stream.name) === stream
    if (
      !isKnown &&
      stream.tip.position >= 0 &&
      hashBefore(this.#connection, stream, stream.tip.position + 1) !== stream.hash
    ) {
      throw brokenChain(stream.name, stream.tip.position, 'seal')
    }
    return this.#insert(stream, events, clockMs)
  }

  /** The parts of a large state, in the transaction of the CHECKPOINT that names them; there once is there for good. */
  #placeSide({ stream: name, events }: SideStream, clockMs: number): void {
    const side = this.#stream(name)
    if (side.tip.position < 0)
      this.#insert(
        side,
        events.flatMap(event => encodeEvents([event])),
        clockMs,
      )
  }

  #insert(stream: StreamRow, events: readonly EncodedEvent[], clockMs: number): readonly StoredEvent[] {
    const transaction = this.#current()
    const isNew = stream.tip.position < 0
    // A stream that was new when it was looked up may have been overtaken by a side stream since.
    const id = isNew ? transaction.store.streams + 1 : stream.id
    const placed = placeEvents(stream.tip, events, clockMs)
    const after = this.#connection.insert({ ...stream, id }, placed.events, placed.tip)
    transaction.store = { ...transaction.store, streams: transaction.store.streams + (isNew ? 1 : 0) }
    this.#remember(after)
    transaction.appended?.set(after.name, after)
    return placed.events
  }

  /** Counts a write that is no append. */
  #wrote(stream: StreamRow): void {
    this.#changed()
    this.#remember(stream)
  }

  /** Something else than an append was done: what is there then is read again. */
  #changed(): void {
    const transaction = this.#current()
    transaction.changed = true
    transaction.appended = undefined
  }

  /** Counts a write, and has the witness remember where it left the stream. */
  #remember({ id, tip, hash }: StreamRow): void {
    const transaction = this.#current()
    transaction.store = { ...transaction.store, seq: transaction.store.seq + 1 }
    transaction.witnessed = { seq: transaction.store.seq, streamId: id, position: tip.position, hash }
    transaction.changed = true
  }

  #positionAfter(stream: StreamRow, revision: number): number {
    const archived = archivedFrom(this.#connection, stream, revision + 1, 1)[0]
    return archived?.position ?? positionFrom(this.#connection, stream, revision + 1)
  }

  /** Events that an earlier append may have left in the archive, the log, or across the cut between them. */
  #eventsAnywhere(stream: StreamRow, from: number, count: number): readonly StoredEvent[] {
    if (from >= stream.tip.firstPosition) return this.#events(stream, from, count)
    const archivedCount = Math.min(count, stream.tip.firstPosition - from)
    const events = [...archivedAt(this.#connection, stream, from, archivedCount)]
    if (events.length < archivedCount) return []
    const rest = count - events.length
    if (rest > 0) events.push(...this.#events(stream, stream.tip.firstPosition, rest))
    return events
  }

  readonly #decode = (event: StoredEvent) => decodeEvent(event, partsReader(this.#connection))

  #stream(name: string): StreamRow {
    const { store, appended: after } = this.#current()
    const known = after?.get(name) ?? (after === undefined ? undefined : this.#known?.streams.get(name))
    if (known !== undefined) return known
    const stream = this.#connection.stream(store, name)
    if (stream !== undefined) return stream
    if (store.streams >= STREAMS_MAX)
      throw new StoreError('invalid', `The store holds ${STREAMS_MAX} ledgers; no more fit.`)
    return freshStream(store.streams + 1, name)
  }

  #events(stream: StreamRow, from: number, count: number): readonly StoredEvent[] {
    const events: StoredEvent[] = []
    const to = Math.min(stream.tip.position, from + count - 1)
    while (from + events.length <= to) events.push(...eventsFrom(this.#connection, stream, from + events.length, to))
    return events
  }

  /** Reads the log clock, and binds it when this is the first write of a boot. */
  #clock(stream: StreamRow): ClockReading {
    const transaction = this.#current()
    const reading = this.#read(transaction.store, stream)
    if (reading.reanchored !== undefined) {
      transaction.store = { ...transaction.store, anchor: reading.reanchored }
      transaction.changed = true
    }
    return reading
  }

  #read(store: StoreRow, stream: StreamRow | undefined): ClockReading {
    const sameBoot =
      store.anchor?.origin.bootId === this.#clocks.bootClock.origin.bootId && store.anchor.origin.bootId !== ''
    const floorMs = sameBoot ? (stream?.tip.clockAtMs ?? EMPTY_TIP.clockAtMs) : this.#connection.newestClockMs()
    return readLogClock(store.anchor, floorMs, this.#clocks)
  }

  #commit(transaction: Transaction): void {
    const before = this.#known
    this.#known = undefined
    this.#connection.replaceStore(transaction.store)
    try {
      this.#connection.commit()
    } catch (error) {
      if (!isUnknownOutcome(error)) throw error
      const message = `${this.#connection.path} could not be synced: the events may or may not be there. Repeat the same append.`
      throw new StoreError('timeout-unknown-outcome', message, { cause: error })
    }
    this.#checkKept()
    const { dataVersion, store, appended: streams } = transaction
    if (streams !== undefined) {
      const known =
        before !== undefined && before.streams.size < KNOWN_STREAMS_MAX ? before.streams : new Map<string, StreamRow>()
      for (const [name, stream] of streams) known.set(name, stream)
      this.#known = { dataVersion, store, streams: known }
    }
    if (transaction.witnessed === undefined) return
    if (!this.#connection.witness.remember(transaction.witnessed)) throw parted(this.#connection.path)
    this.#committed()
  }

  /** What was committed into a log that was removed meanwhile is seen by nobody. */
  #checkKept(): void {
    try {
      this.#connection.checkIdentity()
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      const message = `The store's files were removed or replaced while it was written: what was just written may be lost. Read back.`
      throw new StoreError('timeout-unknown-outcome', message, { cause: error, detail: 'replaced' })
    }
  }

  #abandon(): void {
    try {
      this.#connection.rollback()
    } catch {
      // SQLite has already ended the transaction by itself; the first error says why.
    }
  }

  #current(): Transaction {
    if (this.#transaction === undefined) throw new Error('outside a transaction')
    return this.#transaction
  }
}

/** Somebody else has committed another write under the same number: the history has two ends. */
function parted(path: string): StoreError {
  const message = `${path} was written by two processes that do not see each other: a file beside it was removed while they ran. Stop them, run \`holdfast verify\`, and restore a backup if it finds a fault.`
  return new StoreError('corrupt', message, { detail: 'rolled-back' })
}
