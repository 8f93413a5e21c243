import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs'
import { pauseFor, type Wait, type Waiting } from './waiting.ts'

/** A ticket: when its owner arrived, who that is, and when it last looked. */
const FIELDS = 3
const SLOTS = 128
const SLOT_BYTES = FIELDS * Float64Array.BYTES_PER_ELEMENT

/** A ticket that nobody looked after for this long belongs to a process that is gone, or stuck. */
const ABANDONED_MS = 300

/** How often a waiting ticket says that it is alive. */
const REFRESH_MS = 60

/** What one turn takes, before this process has seen any; and how much each turn seen changes the estimate. */
const TURN_START_MS = 1
const TURN_MAX_MS = 20
const TURN_LEARNING = 0.2

/** The first in line looks this many times a turn; the others, when most of those before them should be through. */
const LOOKS_PER_TURN = 6
const EARLY = 0.7

const PAUSE_MIN_MS = 0.15
const PAUSE_MAX_MS = 100

/**
 * `<db>.queue`: who waits for the write lock, and since when. Advice only: tickets can be lost, torn or doubled, and
 * then somebody tries too early or a little late; the lock itself is SQLite's.
 *
 * Each waiter writes the time of its arrival into a slot and sleeps in proportion to its place in line and to how fast
 * the line moves, so that nearly nobody wakes in vain and nobody is overtaken for long.
 */
export class TicketQueue implements Waiting {
  readonly #path: string
  readonly #owner = Math.floor(Math.random() * Number.MAX_SAFE_INTEGER) + 1
  readonly #line = new Float64Array(SLOTS * FIELDS)
  readonly #ticket = new Float64Array(FIELDS)
  #slot = Math.floor(Math.random() * SLOTS)
  #turnMs = TURN_START_MS
  #file: number | undefined

  constructor(databasePath: string) {
    this.#path = `${databasePath}.queue`
  }

  begin(): Wait {
    let arrivedMs: number | undefined
    let saidMs = 0
    let place = 0
    let lookedMs = 0
    const mayTry = (): boolean => {
      const nowMs = monotonicMs()
      const now = this.#placeInLine(arrivedMs, nowMs)
      if (arrivedMs !== undefined && now < place) this.#learn((nowMs - lookedMs) / (place - now))
      place = now
      lookedMs = nowMs
      return place === 0
    }
    const pause = (): Promise<void> => {
      arrivedMs ??= lookedMs
      if (lookedMs - saidMs > REFRESH_MS) {
        this.#write(arrivedMs, lookedMs)
        saidMs = lookedMs
      }
      const spanMs = place === 0 ? this.#turnMs / LOOKS_PER_TURN : place * this.#turnMs * EARLY
      return pauseFor(Math.min(PAUSE_MAX_MS, Math.max(PAUSE_MIN_MS, spanMs)))
    }
    const end = (): void => {
      if (arrivedMs !== undefined) this.#write(0, 0)
    }
    return { mayTry, isNear: () => place <= 1, pause, end }
  }

  close(): void {
    if (this.#file === undefined) return
    closeSync(this.#file)
    this.#file = undefined
  }

  /** How many live tickets are older; everyone's when this one has none yet. Leaves a slot that another took as well. */
  #placeInLine(arrivedMs: number | undefined, nowMs: number): number {
    const length = this.#read()
    let older = 0
    for (let slot = 0; slot < length; slot += 1) {
      const at = slot * FIELDS
      const otherMs = this.#line[at] ?? 0
      if (otherMs === 0) continue
      const owner = this.#line[at + 1] ?? 0
      const seenMs = this.#line[at + 2] ?? 0
      const isLive = seenMs <= nowMs + 1 && nowMs - seenMs < ABANDONED_MS
      if (!isLive || owner === this.#owner) continue
      if (arrivedMs === undefined || otherMs < arrivedMs) older += 1
      if (slot === this.#slot) this.#slot = Math.floor(Math.random() * SLOTS)
    }
    return older
  }

  #learn(turnMs: number): void {
    this.#turnMs += (Math.min(turnMs, TURN_MAX_MS) - this.#turnMs) * TURN_LEARNING
  }

  /** How many whole slots the file has. */
  #read(): number {
    try {
      this.#file ??= openSync(this.#path, constants.O_RDWR | constants.O_CREAT, 0o644)
      return Math.floor(readSync(this.#file, this.#line, 0, this.#line.byteLength, 0) / SLOT_BYTES)
    } catch {
      return 0
    }
  }

  #write(arrivedMs: number, seenMs: number): void {
    if (this.#file === undefined) return
    this.#ticket.set([arrivedMs, this.#owner, seenMs])
    try {
      writeSync(this.#file, this.#ticket, 0, SLOT_BYTES, this.#slot * SLOT_BYTES)
    } catch {
      // Without a ticket this one counts as just arrived: others go first for a while.
    }
  }
}

/** The kernel's monotonic clock: the same for all processes of a host. */
function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1000 + nanoseconds / 1e6
}
