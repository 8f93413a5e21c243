import { closeSync, readSync, writeSync } from 'node:fs'
import { openBeside } from './side-file.ts'

/** A ticket: when its owner arrived, who that is, and when it last looked. */
const FIELDS = 3
const SLOTS = 128
const SLOT_BYTES = FIELDS * Float64Array.BYTES_PER_ELEMENT

/** A ticket that nobody looked after for this long belongs to a process that is gone, or stuck. */
const ABANDONED_MS = 300

/** How far two looks at the clock can be apart in the wrong direction. */
const STEP_MS = 1

/**
 * `<db>.queue`: the tickets of all who wait, in slots of a small file that is never locked. A ticket can be lost, torn
 * or doubled; whoever reads the line must bear that.
 */
export class TicketLine {
  readonly #databasePath: string
  readonly #owner = Math.floor(Math.random() * Number.MAX_SAFE_INTEGER) + 1
  readonly #line = new Float64Array(SLOTS * FIELDS)
  readonly #own = new Float64Array(FIELDS)
  #slot = randomSlot()
  #file: number | undefined

  constructor(databasePath: string) {
    this.#databasePath = databasePath
  }

  /** Where this one's ticket goes; another slot once somebody else was seen in it. */
  get slot(): number {
    return this.#slot
  }

  /** How many of the others' live tickets are older. Times are on the kernel's monotonic clock. */
  olderThan(arrivedMs: number, nowMs: number): number {
    let older = 0
    for (const at of this.#live(nowMs)) if ((this.#line[at] ?? 0) < arrivedMs) older += 1
    return older
  }

  /** The slot of whoever waits longest, this one apart. */
  first(nowMs: number): number | undefined {
    let first: number | undefined
    for (const at of this.#live(nowMs)) {
      if (first === undefined || (this.#line[at] ?? 0) < (this.#line[first] ?? 0)) first = at
    }
    return first === undefined ? undefined : first / FIELDS
  }

  /** Takes, or keeps, a place in line. Without one this counts as just arrived: others go first for a while. */
  put(arrivedMs: number, seenMs: number): void {
    this.#own.set([arrivedMs, this.#owner, seenMs])
    this.#write()
  }

  leave(): void {
    this.#own.fill(0)
    this.#write()
  }

  close(): void {
    if (this.#file === undefined) return
    closeSync(this.#file)
    this.#file = undefined
  }

  /** Where the live tickets of the others begin. */
  #live(nowMs: number): readonly number[] {
    const length = this.#read() * FIELDS
    const live: number[] = []
    for (let at = 0; at < length; at += FIELDS) {
      const arrivedMs = this.#line[at] ?? 0
      if (arrivedMs === 0) continue
      const owner = this.#line[at + 1] ?? 0
      const seenMs = this.#line[at + 2] ?? 0
      if (owner === this.#owner || !isLive(arrivedMs, owner, seenMs, nowMs)) continue
      live.push(at)
      if (at === this.#slot * FIELDS) this.#slot = randomSlot()
    }
    return live
  }

  /** How many whole slots the file has. */
  #read(): number {
    try {
      this.#file ??= openBeside(this.#databasePath, `${this.#databasePath}.queue`)
      return Math.floor(readSync(this.#file, this.#line, 0, this.#line.byteLength, 0) / SLOT_BYTES)
    } catch {
      return 0
    }
  }

  #write(): void {
    if (this.#file === undefined) return
    try {
      writeSync(this.#file, this.#own, 0, SLOT_BYTES, this.#slot * SLOT_BYTES)
    } catch {
      // The line is advice.
    }
  }
}

/** The file may hold anything: only what is shown to be a ticket of a moment ago counts, so that no number is believed. */
function isLive(arrivedMs: number, owner: number, seenMs: number, nowMs: number): boolean {
  const isTicket = arrivedMs > 0 && Number.isSafeInteger(owner) && owner > 0 && arrivedMs <= seenMs + STEP_MS
  return isTicket && seenMs > nowMs - ABANDONED_MS && seenMs <= nowMs + STEP_MS
}

function randomSlot(): number {
  return Math.floor(Math.random() * SLOTS)
}
