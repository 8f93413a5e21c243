import type { RecordedEvent } from '@holdfast/core'
import { StoreError } from '../errors.ts'
import { behindThePresented } from '../subscribe-by-reading.ts'
import { CoalescedRead } from './coalesced-read.ts'
import { readMark } from './mark.ts'
import type { Rotation } from './rotation.ts'
import type { Server } from './server.ts'
import type { StoredRecord } from './stored-record.ts'
import {
  headOf,
  nextEntry,
  pointAfter,
  pointBefore,
  START,
  type EntryAtPoint,
  type StreamPoint,
} from './stream-point.ts'
import { wholeCheckpoints } from './whole-checkpoint.ts'

/** Records of one page. */
export const PAGE_MAX = 500

/** Places that are remembered. */
const PLACES_MAX = 2_000

export interface PageOptions {
  readonly count?: number | undefined
  readonly before?: StreamPoint | undefined
}

/**
 * One ledger's physical stream, read through what its events say of themselves. Remembers the newest point that it has
 * seen, which never changes, so that most reads need no look back.
 */
export class LedgerStream {
  readonly name: string
  readonly ledger: string
  readonly #server: Server
  readonly #rotation: Rotation
  readonly #tipRead = new CoalescedRead(() => this.#lookAtTip())
  #tip: StreamPoint | undefined
  /** The page that the newest tip came from: who asks for the news asks for its events next. */
  #recent: readonly EntryAtPoint[] = []
  /** Places read lately, by position: they spare looks back. */
  readonly #points = new Map<number, StreamPoint>()
  readonly #checkpoints = new Map<number, EntryAtPoint & { readonly before: StreamPoint }>()

  constructor(ledger: string, name: string, { server, rotation }: { server: Server; rotation: Rotation }) {
    this.ledger = ledger
    this.name = name
    this.#server = server
    this.#rotation = rotation
  }

  /** The newest point known, without asking. */
  get knownTip(): StreamPoint | undefined {
    return this.#tip
  }

  /** The leader's head. Throws `corrupt` when it no longer holds what was read from it before. */
  tip(): Promise<StreamPoint> {
    return this.#tipRead.take()
  }

  async #lookAtTip(): Promise<StreamPoint> {
    const known = this.#tip
    if (known === undefined || known.position < 0) return this.#tipFromEnd()
    const records = await this.#read({ from: known.position, count: PAGE_MAX })
    const first = records.at(0)
    if (first === undefined) throw await this.#lost(known)
    if (first.position === known.position && first.eventId !== known.eventId) throw await this.#lost(known)
    if (records.length === PAGE_MAX) return this.#tipFromEnd()
    const fresh = first.position === known.position ? records.slice(1) : records
    if (fresh.length > 0) this.#recent = await this.#placed(fresh, known)
    for (const record of fresh) this.#heard(record)
    return this.#learn(this.#recent.at(-1)?.point ?? known)
  }

  /**
   * At most a page from a position on; what a compaction has taken out is left out. Empty only at the end. `before`
   * spares a look back when the caller has read the point before.
   */
  async page(from: number, { count = PAGE_MAX, before }: PageOptions = {}): Promise<readonly EntryAtPoint[]> {
    const cached = this.#recent.findIndex(({ point }) => point.position === from)
    const recent = cached < 0 ? [] : this.#recent.slice(cached, cached + count)
    // What was read lately may end in the middle of the page.
    if (recent.length === count || (recent.length > 0 && recent.at(-1)?.point.position === this.#tip?.position)) {
      return recent
    }
    const placed = await this.#placed(await this.#read({ from, count }), before ?? this.#tip)
    const last = placed.at(-1)?.point
    if (last !== undefined) this.#learn(last)
    return placed
  }

  /** At most a page back from a position (absent: the end), newest first. */
  async pageBack(from: number | undefined, count: number): Promise<readonly EntryAtPoint[]> {
    if (from !== undefined && from < 0) return []
    const records = await this.#read({ from, count, direction: 'backwards' })
    return (await this.#placed(records.toReversed(), this.#tip)).toReversed()
  }

  /** Where the log begins now: asks the server, since what was read lately may have been cut off since. */
  async begin(): Promise<StreamPoint | undefined> {
    const [first] = await this.#placed(await this.#read({ from: 0, count: 1 }), undefined)
    return first?.point
  }

  /** The point before a record, from what it says itself or from the nearest event before it that says. */
  before(record: StoredRecord): Promise<StreamPoint> {
    return this.#before(record)
  }

  /** Position of the first event at or above a revision. */
  async positionFrom(revision: number): Promise<number> {
    let tip = this.#tip
    if (tip === undefined || revision > tip.revision) tip = await this.tip()
    if (revision > tip.revision) return tip.position + 1
    let segment: Pick<StreamPoint, 'checkpointPosition' | 'offset'> = tip
    while (segment.offset > 0 && segment.checkpointPosition >= 0) {
      const { checkpointPosition, offset } = segment
      if (revision >= checkpointPosition + offset) break
      const checkpoint = await this.#checkpoint(checkpointPosition)
      if (checkpoint === undefined || revision > checkpoint.before.revision) return checkpointPosition
      segment = checkpoint.before
    }
    return Math.max(0, revision - segment.offset)
  }

  /** The point at a position, if it was read lately. */
  rememberedAt(position: number): StreamPoint | undefined {
    return this.#points.get(position)
  }

  /** The point at a revision, if an event stands there. */
  async pointAt(revision: number): Promise<StreamPoint | undefined> {
    const known = this.#tip
    if (known?.revision === revision) return known
    const [placed] = await this.page(await this.positionFrom(revision), { count: 1 })
    const point = placed?.point
    return point?.revision === revision ? point : undefined
  }

  /** The newest CHECKPOINT that can be read, found by the link that each one keeps to the one before. */
  async latestCheckpoint(before = Infinity): Promise<RecordedEvent<'CHECKPOINT'> | null> {
    let position = (await this.tip()).checkpointPosition
    while (position >= 0) {
      const checkpoint = await this.#checkpoint(position)
      if (checkpoint === undefined) return null
      if (checkpoint.entry.type === 'CHECKPOINT' && checkpoint.entry.revision < before) return checkpoint.entry
      position = checkpoint.before.checkpointPosition
    }
    return null
  }

  /** Takes in a point that this process has just written. */
  wrote(point: StreamPoint): void {
    this.#learn(point)
  }

  /** Whose turn it was. An append at any head takes none. */
  #heard({ position, metadata, createdMs }: StoredRecord): void {
    const { hf, p: before, w, wt: turnMs = 0 } = readMark(metadata, { stream: this.name, position })
    if (hf !== 0 || before === undefined) return
    this.#rotation.saw(w === undefined ? undefined : { name: w, turnMs }, createdMs)
  }

  async #tipFromEnd(): Promise<StreamPoint> {
    const records = await this.#server.read(this.name, { count: 1, direction: 'backwards' })
    if (records.length === 0) throw this.#hidden()
    this.#recent = records === 'missing' ? [] : await this.#placed(records, undefined)
    return this.#learn(this.#recent.at(-1)?.point ?? START)
  }

  #learn(point: StreamPoint): StreamPoint {
    if (this.#tip === undefined || point.position > this.#tip.position) {
      this.#tip = point
      this.#server.clock.learn(point)
    }
    return this.#tip
  }

  async #checkpoint(position: number): Promise<(EntryAtPoint & { readonly before: StreamPoint }) | undefined> {
    const known = this.#checkpoints.get(position)
    if (known !== undefined) return known
    const [record] = await this.#read({ from: position, count: 1 })
    if (record === undefined || record.position !== position) return undefined
    const before = await this.#before(record)
    const [placed] = await this.#placed([record], before)
    if (placed === undefined) return undefined
    const found = { ...placed, before }
    this.#checkpoints.set(position, found)
    return found
  }

  /** Places records that stand in one piece; `known` helps when it is the point before them. */
  async #placed(records: readonly StoredRecord[], known: StreamPoint | undefined): Promise<readonly EntryAtPoint[]> {
    const [first] = records
    if (first === undefined) return []
    let point = known?.position === first.position - 1 ? known : await this.#before(first)
    const whole = await wholeCheckpoints(records, this.#server)
    return whole.map(record => {
      const placed = nextEntry(point, record, this.name)
      point = this.#remember(placed.point)
      return placed
    })
  }

  async #before(record: StoredRecord): Promise<StreamPoint> {
    const said = this.#points.get(record.position - 1) ?? pointBefore(record, this.name)
    if (said !== undefined) return said
    let run: readonly StoredRecord[] = []
    const { hf } = readMark(record.metadata, { stream: this.name, position: record.position })
    for (let count = Math.min(PAGE_MAX, Math.max(1, hf)); ; count = Math.min(PAGE_MAX, count * 8)) {
      const oldest = run[0] ?? record
      const older = await this.#read({ from: oldest.position - 1, count, direction: 'backwards' })
      if (older.length === 0) throw this.#unanchored(record)
      run = [...older.toReversed(), ...run]
      const anchor = run.findLastIndex(candidate => pointBefore(candidate, this.name) !== undefined)
      const anchored = run[anchor]
      if (anchored === undefined) continue
      let point = pointBefore(anchored, this.name) ?? START
      for (const each of run.slice(anchor)) point = this.#remember(pointAfter(point, each, this.name))
      return point
    }
  }

  #remember(point: StreamPoint): StreamPoint {
    this.#points.set(point.position, point)
    if (this.#points.size > PLACES_MAX) {
      for (const oldest of this.#points.keys()) {
        this.#points.delete(oldest)
        break
      }
    }
    return point
  }

  async #read(request: { from?: number | undefined; count: number; direction?: 'forwards' | 'backwards' }) {
    const records = await this.#server.read(this.name, request)
    return records === 'missing' ? [] : records
  }

  /** Why the point that was read before is not there any more. */
  async #lost(known: StreamPoint): Promise<StoreError> {
    const [last] = await this.#read({ count: 1, direction: 'backwards' })
    this.#tip = undefined
    this.#recent = []
    this.#checkpoints.clear()
    this.#points.clear()
    if (last === undefined) return behindThePresented(headOf(known), 'none')
    return behindThePresented(headOf(known), headOf((await this.#placed([last], undefined))[0]?.point ?? START))
  }

  #hidden(): StoreError {
    const message = `All events of the stream ${this.name} are hidden by a truncation beyond its end. Restore a backup.`
    return new StoreError('corrupt', message, { detail: 'truncated' })
  }

  #unanchored(record: StoredRecord): StoreError {
    const message = `The events before position ${record.position} of the stream ${this.name} were cut without a CHECKPOINT. Restore a backup.`
    return new StoreError('corrupt', message, { detail: 'truncated' })
  }
}
