import type { LogEntry } from '@holdfast/core'
import { ChangeSignal } from './change-signal.ts'
import type { EncodedEvent } from './encode-event.ts'
import type { Snapshot } from './port.ts'
import { decodeEvent, type StoredEvent } from './stored-event.ts'
import { EMPTY_TIP, placeEvents, type StreamTip } from './stream-tip.ts'

/** One stream in memory: events at their positions, and the tip they lead to. */
export class MemoryStream {
  readonly events: StoredEvent[] = []
  readonly entries: LogEntry[] = []
  /** Newest position of each event id. */
  readonly positions = new Map<string, number>()
  tip: StreamTip = EMPTY_TIP

  append(events: readonly EncodedEvent[], clockMs: number): readonly LogEntry[] {
    const placed = placeEvents(this.tip, events, clockMs)
    const entries = placed.events.map(decodeEvent)
    for (const event of placed.events) {
      this.events.push(event)
      this.positions.set(event.eventId, event.position)
    }
    this.entries.push(...entries)
    this.tip = placed.tip
    return entries
  }

  /** Position of the first event at or above a revision; the length when there is none. */
  positionFrom(revision: number): number {
    let low = 0
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
    const fresh = new MemoryStream()
    this.#streams.set(name, fresh)
    return fresh
  }
}
