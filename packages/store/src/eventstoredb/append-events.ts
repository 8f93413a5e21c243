import type { Revision } from '@holdfast/core'
import { appended } from '../appended.ts'
import { splitCheckpoints } from '../checkpoint-parts.ts'
import { encodeEvents, type EncodedEvent } from '../encode-event.ts'
import { StoreError } from '../errors.ts'
import type { AppendResult, ExpectedHead, Head, NewEvent } from '../port.ts'
import type { Archive } from './archive.ts'
import { PAGE_MAX, type LedgerStream } from './ledger-stream.ts'
import { physicalName } from './physical-name.ts'
import type { Rotation } from './rotation.ts'
import type { Server } from './server.ts'
import type { PhysicalEvent, StoredRecord } from './stored-record.ts'
import { headOf, physicalEvents, pointAfter, START, type EntryAtPoint, type StreamPoint } from './stream-point.ts'

/** Appends at any head whose first sending is remembered, so that a repeat looks for what the first one wrote. */
const SENT_ANYWHERE_MAX = 1_000

/** Appends to one ledger's stream. */
export class Appender {
  readonly #stream: LedgerStream
  readonly #server: Server
  readonly #archive: Archive
  readonly #rotation: Rotation
  readonly #appenderOf: (stream: string) => Appender
  /** Position of the stream's end before the first sending, by the first event's id. */
  readonly #sentAnywhere = new Map<string, number>()

  constructor(options: {
    readonly stream: LedgerStream
    readonly archive: Archive
    readonly server: Server
    readonly rotation: Rotation
    /** Appends to another stream of the same store. */
    readonly appenderOf: (stream: string) => Appender
  }) {
    this.#stream = options.stream
    this.#archive = options.archive
    this.#server = options.server
    this.#rotation = options.rotation
    this.#appenderOf = options.appenderOf
  }

  async append(expected: ExpectedHead, events: readonly NewEvent[]): Promise<AppendResult> {
    const { events: own, sides } = splitCheckpoints(this.#stream.ledger, events)
    const encoded = encodeEvents(own)
    if (expected === 'any') return this.#appendAnywhere(encoded)
    const at = await this.#pointOf(expected)
    if (at === undefined) return this.#conflict()
    const proposed = physicalEvents(encoded, at, this.#rotation.mark)
    if (at.position < (this.#stream.knownTip?.position ?? -1)) {
      // Others have written there: only a repeat can succeed, and that is read, not sent.
      return (await this.#earlier(at, proposed)) ?? this.#conflict()
    }
    for (const { stream, events: parts } of sides) await this.#appendParts(stream, parts)
    const beganAtMs = performance.now()
    const last = await this.#server.append(this.#stream.name, at.position < 0 ? 'no_stream' : at.position, proposed)
    this.#rotation.took(performance.now() - beganAtMs)
    const result = await this.#server.afterSending(() => this.#outcome(at, last, proposed))
    // Others have written at its place: it is not there, now or later, and nothing names these parts.
    if (result.outcome === 'conflict' && result.actual !== expected)
      for (const { stream } of sides) await this.#server.remove(physicalName(stream))
    return result
  }

  async #outcome(
    at: StreamPoint,
    last: number | 'conflict',
    proposed: readonly PhysicalEvent[],
  ): Promise<AppendResult> {
    if (last === 'conflict') {
      const conflict = await this.#conflict()
      return (await this.#earlier(at, proposed)) ?? conflict
    }
    if (last === at.position + proposed.length) return this.#written(at, proposed)
    // Appended to a ledger that was deleted softly: its positions go on where they were.
    return (await this.#earlier({ ...at, position: last - proposed.length }, proposed)) ?? this.#conflict()
  }

  /**
   * The fold ignores a stale HEARTBEAT, so it may go anywhere. What it says of the point before it would be a guess, so
   * it says nothing, and a CHECKPOINT may not go this way.
   */
  async #appendAnywhere(encoded: readonly EncodedEvent[]): Promise<AppendResult> {
    if (encoded.some(({ checkpoint }) => checkpoint !== undefined)) {
      throw new StoreError('invalid', 'A CHECKPOINT needs an expected head. Nothing was written.')
    }
    const proposed = physicalEvents(encoded, 'any')
    const eventId = proposed[0]?.eventId ?? ''
    const sentBefore = this.#sentAnywhere.get(eventId)
    // A look first: nothing may be written after what another program or a newer one has put there.
    const after = sentBefore ?? (await this.#stream.tip()).position
    this.#remember(eventId, after)
    const find = (): Promise<number | undefined> => this.#find(after + 1, proposed)
    const found = sentBefore === undefined ? undefined : await find()
    const last = found ?? (await this.#server.appendAnywhere(this.#stream.name, proposed, find))
    return this.#server.afterSending(() => this.#placedAnywhere(last, proposed))
  }

  async #placedAnywhere(last: number, proposed: readonly PhysicalEvent[]): Promise<AppendResult> {
    await this.#stream.tip()
    const start = last - proposed.length + 1
    const points = proposed.flatMap(({ eventId }, index) => {
      const point = this.#stream.rememberedAt(start + index)
      return point?.eventId === eventId ? [point] : []
    })
    if (points.length === proposed.length) return appended(points)
    const result = await this.#earlier({ ...START, position: last - proposed.length }, proposed)
    if (result === undefined) throw this.#vanished()
    return result
  }

  #remember(eventId: string, position: number): void {
    this.#sentAnywhere.set(eventId, position)
    if (this.#sentAnywhere.size <= SENT_ANYWHERE_MAX) return
    for (const oldest of this.#sentAnywhere.keys()) {
      this.#sentAnywhere.delete(oldest)
      return
    }
  }

  /** Position of the last of these events at or after a position, if they are there in one piece. */
  async #find(from: number, proposed: readonly PhysicalEvent[]): Promise<number | undefined> {
    let position = from
    for (;;) {
      const records = await this.#read(position, PAGE_MAX)
      const first = records.find(({ eventId }) => eventId === proposed[0]?.eventId)
      if (first !== undefined) return first.position + proposed.length - 1
      const last = records.at(-1)
      if (last === undefined || records.length < PAGE_MAX) return undefined
      position = last.position + 1
    }
  }

  /** The point that an expected head means, in the log or in the archive; undefined when nothing stands there. */
  async #pointOf(expected: Head): Promise<StreamPoint | undefined> {
    if (expected === 'none') return START
    const point = await this.#stream.pointAt(expected)
    if (point !== undefined) return point
    const [archived] = await this.#archived(expected, 1)
    return archived?.point
  }

  async #archived(from: number, count: number): Promise<readonly EntryAtPoint[]> {
    const begin = await this.#stream.begin()
    if (begin === undefined || from >= begin.revision) return []
    return this.#archive.entriesAt(from, { count, logBegin: begin.position })
  }

  async #conflict(): Promise<AppendResult> {
    return { outcome: 'conflict', actual: headOf(await this.#stream.tip()) }
  }

  /**
   * Reads the times that the leader gave the append, which its answer does not say. It stamps each event, so those of one
   * append can differ; its clock does not go back and forth within one, so when the first and the last agree all do.
   */
  async #written(at: StreamPoint, proposed: readonly PhysicalEvent[]): Promise<AppendResult> {
    const count = proposed.length
    const [[final], [initial]] = await Promise.all([
      this.#read(at.position + count, 1),
      count === 1 ? [undefined] : this.#read(at.position + 1, 1),
    ])
    const isOurs = final?.eventId === proposed.at(-1)?.eventId
    if (isOurs && final !== undefined) this.#server.clock.sawWritten(final.createdMs)
    const isOneTime = count === 1 || initial?.createdMs === final?.createdMs
    if (!isOurs || final === undefined || !isOneTime) {
      const earlier = await this.#earlier(at, proposed)
      if (earlier === undefined) throw this.#vanished()
      return earlier
    }
    const { createdMs } = final
    const records = proposed.map((event, index) => ({ ...event, position: at.position + 1 + index, createdMs }))
    return this.#answer(at, records)
  }

  /** The answer of the same append made before, if its events stand in one piece after a point. */
  async #earlier(after: StreamPoint, proposed: readonly PhysicalEvent[]): Promise<AppendResult | undefined> {
    const count = proposed.length
    let placed = await this.#stream.page(after.position + 1, { count })
    if (placed[0] === undefined || placed[0].point.position > after.position + 1) {
      placed = await this.#archived(after.revision + 1, count)
      if (placed.length < count) placed = [...placed, ...(await this.#stream.page(0, { count: count - placed.length }))]
    }
    const same =
      placed.length === count && placed.every(({ point }, index) => point.eventId === proposed[index]?.eventId)
    const [first] = placed
    const last = placed.at(-1)
    if (!same || first === undefined || last === undefined || first.point.position !== after.position + 1)
      return undefined
    return appended(placed.map(({ point }) => point))
  }

  /** Parts of a state, before the CHECKPOINT that names them: one by one, so that none is too large. */
  async #appendParts(stream: string, parts: readonly NewEvent[]): Promise<void> {
    const appender = this.#appenderOf(stream)
    for (const [index, part] of parts.entries()) {
      const result = await appender.append(index === 0 ? 'none' : ((index - 1) as Revision), [part])
      if (result.outcome === 'conflict') {
        throw new StoreError('corrupt', `The side stream ${stream} holds something else.`, { detail: 'parts' })
      }
    }
  }

  #answer(at: StreamPoint, records: readonly StoredRecord[]): AppendResult {
    let point = at
    const points = records.map(record => {
      point = pointAfter(point, record, this.#stream.name)
      return point
    })
    this.#stream.wrote(point)
    this.#rotation.saw(this.#rotation.mark, records.at(-1)?.createdMs ?? 0)
    return appended(points)
  }

  async #read(from: number, count: number): Promise<readonly StoredRecord[]> {
    const records = await this.#server.read(this.#stream.name, { from, count })
    return records === 'missing' ? [] : records
  }

  #vanished(): StoreError {
    const message = `The events just written to ${this.#stream.name} are not there. Repeat the same append, or read back.`
    return new StoreError('timeout-unknown-outcome', message)
  }
}
