import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs'
import { pauseFor, type Wait, type Waiting } from './waiting.ts'

const SLOTS = 128
const SLOT_BYTES = 24
const FILE_BYTES = SLOTS * SLOT_BYTES
const OWNER_AT = 8
const SEEN_AT = 16

/** A ticket that nobody looked after for this long belongs to a process that is gone, or stuck. */
const ABANDONED_MS = 250

/** How many of the first in line try: more than one, so that a lock does not lie idle while the first is off the CPU. */
const TRYING = 1

/** What one turn takes at first, and the bounds of what is learnt. */
const TURN_MS = 0.5

const PAUSE_MIN_MS = 0.15
const PAUSE_MAX_MS = 20

const NO_TICKET = Buffer.alloc(SLOT_BYTES)

/**
 * `<db>.queue`: who waits for the write lock, and since when. Advice only: tickets can be lost, torn or doubled, and
 * then somebody tries too early or a little late; the lock itself is SQLite's.
 *
 * Each waiter writes the time of its arrival into a slot and sleeps in proportion to its place in line, so that nearly
 * nobody wakes in vain and nobody is overtaken for long.
 */
export class TicketQueue implements Waiting {
  readonly #path: string
  readonly #owner = Math.floor(Math.random() * Number.MAX_SAFE_INTEGER) + 1
  readonly #line = Buffer.alloc(FILE_BYTES)
  #slot = Math.floor(Math.random() * SLOTS)
  #file: number | undefined

  constructor(databasePath: string) {
    this.#path = `${databasePath}.queue`
  }

  begin(): Wait {
    let arrivedMs: number | undefined
    let place = 0
    const mayTry = (): boolean => {
      place = this.#placeInLine(arrivedMs)
      return place < TRYING
    }
    const pause = async (): Promise<void> => {
      arrivedMs ??= monotonicMs()
      this.#write(ticket(arrivedMs, this.#owner, monotonicMs()))
      await pauseFor(Math.min(PAUSE_MAX_MS, Math.max(PAUSE_MIN_MS, place * TURN_MS)))
    }
    const end = (): void => {
      if (arrivedMs !== undefined) this.#write(NO_TICKET)
    }
    return { mayTry, pause, end }
  }

  close(): void {
    if (this.#file === undefined) return
    closeSync(this.#file)
    this.#file = undefined
  }

  /** How many live tickets are older; everyone's when this one has none yet. Moves out of a slot that another took. */
  #placeInLine(arrivedMs: number | undefined): number {
    const length = this.#read()
    const nowMs = monotonicMs()
    let older = 0
    let free: number | undefined
    for (let slot = 0; (slot + 1) * SLOT_BYTES <= length; slot += 1) {
      const at = slot * SLOT_BYTES
      const otherMs = this.#line.readDoubleBE(at)
      const seenMs = this.#line.readDoubleBE(at + SEEN_AT)
      const isLive = otherMs > 0 && nowMs - seenMs < ABANDONED_MS && seenMs <= nowMs
      if (!isLive) free ??= slot
      else if (this.#line.readDoubleBE(at + OWNER_AT) === this.#owner) continue
      else {
        if (arrivedMs === undefined || otherMs < arrivedMs) older += 1
        if (slot === this.#slot) this.#slot = Math.floor(Math.random() * SLOTS)
      }
    }
    return older
  }

  #read(): number {
    try {
      this.#file ??= openSync(this.#path, constants.O_RDWR | constants.O_CREAT, 0o644)
      return readSync(this.#file, this.#line, 0, FILE_BYTES, 0)
    } catch {
      return 0
    }
  }

  #write(slot: Buffer): void {
    if (this.#file === undefined) return
    try {
      writeSync(this.#file, slot, 0, SLOT_BYTES, this.#slot * SLOT_BYTES)
    } catch {
      // Without a ticket this one counts as just arrived: others go first for a while.
    }
  }
}

function ticket(arrivedMs: number, owner: number, seenMs: number): Buffer {
  const slot = Buffer.alloc(SLOT_BYTES)
  slot.writeDoubleBE(arrivedMs, 0)
  slot.writeDoubleBE(owner, OWNER_AT)
  slot.writeDoubleBE(seenMs, SEEN_AT)
  return slot
}

/** The kernel's monotonic clock: the same for all processes of a host. */
function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000
}
