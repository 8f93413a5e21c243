import type { LogEntry } from '@holdfast/core'
import { ChangeSignal } from './change-signal.ts'
import type { EncodedEvent } from './encode-event.ts'
import type { Snapshot } from './port.ts'
import { decodeEvent, storedData, type PartsReader, type StoredEvent } from './stored-event.ts'
import { EMPTY_TIP, placeEvents, type StreamTip } from './stream-tip.ts'

/**
 * One stream in memory: events at their positions, and the tip they lead to. The archive is what lies before the tip's
 * first position, less what was dropped of it.
 */
export class MemoryStream {
  readonly events: StoredEvent[] = []
  /** First position that the archive still holds. */
  archiveFirst = 0
  readonly #readParts: PartsReader
  readonly #entries = new Map<number, LogEntry>()
  /** Newest position of each event id. */
  readonly positions = new Map<string, number>()
  tip: StreamTip = EMPTY_TIP

  constructor(readParts: PartsReader) {
    this.#readParts = readParts
  }

  append(events: readonly EncodedEvent[], clockMs: number): readonly StoredEvent[] {
    const placed = placeEvents(this.tip, events, clockMs)
    for (const event of placed.events) {
      this.events.push(event)
      this.positions.set(event.eventId, event.position)
    }
    this.tip = placed.tip
    return placed.events
  }

  /** Entries at positions `from` up to, not including, `to`. */
  entries(from: number, to = Infinity): readonly LogEntry[] {
    return this.events.slice(from, to).map(event => this.#entryOf(event))
  }

  /** The entry at a position that is there. */
  entryAt(position: number): LogEntry {
    const event = this.events[position]
    if (event === undefined) throw new Error(`no event at position ${position}`)
    return this.#entryOf(event)
  }

  #entryOf(event: StoredEvent): LogEntry {
    const known = this.#entries.get(event.position)
    if (known !== undefined) return known
    const entry = decodeEvent(event, this.#readParts)
    // A CHECKPOINT is read anew each time, as its parts are.
    if (event.type !== 'CHECKPOINT') this.#entries.set(event.position, entry)
    return entry
  }

  /** Position of the first event of the log at or above a revision; the length when there is none. */
  positionFrom(revision: number): number {
    return this.#positionFrom(revision, this.tip.firstPosition)
  }

  /** The same, archive included. */
  archivedPositionFrom(revision: number): number {
    return this.#positionFrom(revision, 0)
  }

  #positionFrom(revision: number, first: number): number {
    let low = first
    let high = this.events.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.events[middle]?.revision ?? 0) < revision) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** What several memory stores share: the bytes of a log that lives as long as someone holds it. */
export class MemoryLog {
  readonly changes = new ChangeSignal()
  readonly snapshots = new Map<string, { readonly snapshot: Omit<Snapshot, 'state'>; readonly state: string }>()
  readonly #streams = new Map<string, MemoryStream>()
  readonly #clock: () => number
  #lastClockMs = Number.MIN_SAFE_INTEGER

  constructor(clock: () => number) {
    this.#clock = clock
  }

  /** The store's clock: never goes back, whatever the one beneath does. */
  nowMs(): number {
    this.#lastClockMs = Math.max(this.#lastClockMs, this.#clock())
    return this.#lastClockMs
  }

  stream(name: string): MemoryStream {
    const known = this.#streams.get(name)
    if (known !== undefined) return known
    const fresh = new MemoryStream((side, parts) => this.stream(side).events.slice(0, parts).map(storedData))
    this.#streams.set(name, fresh)
    return fresh
  }
}
