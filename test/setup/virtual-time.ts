import type { Timers } from '@holdfast/projections/streams'
import type { BootClock } from '@holdfast/store'

interface Due {
  readonly atMs: number
  readonly order: number
  readonly run: () => void
}

/** Turns of the event loop that let promise chains (and a store's microtasks) come to rest. */
const TURNS = 30
/** The same where frames go to and fro. */
const TURNS_SERVED = 80

let isThroughServer = false
let isByHttp = false

/** From now on the processes of a fleet go through servers: at their sockets beside the store, or by HTTP without a store. */
export function goThroughServer({ by = 'socket' }: { readonly by?: 'socket' | 'http' } = {}): void {
  isThroughServer = true
  isByHttp = by === 'http'
}

export const throughServer = (): boolean => isThroughServer
export const byHttp = (): boolean => isByHttp

/** Real time that a condition may take to come true before a test gives up on it. */
const GIVE_UP_MS = 10_000

/** How far the wall clock is ahead of a virtual time that begins at 0. */
const WALL_AHEAD_MS = 1_000_000

/**
 * One clock for timers, boot clock and wall clock, moved by the test alone. Timers that are due at one instant run in
 * their order and in one turn.
 */
export class VirtualTime {
  readonly #wallAheadMs: number
  #nowMs: number
  #order = 0
  #due: readonly Due[] = []
  /** Added to the wall clock only: a step of it moves no boot clock. */
  wallStepMs = 0

  constructor({ nowMs = 0, wallAheadMs = WALL_AHEAD_MS }: { nowMs?: number; wallAheadMs?: number } = {}) {
    this.#nowMs = nowMs
    this.#wallAheadMs = wallAheadMs
  }

  /** One in which `nowMs` is what the wall clock shows: the first of January 2026. */
  static ofTheCalendar(): VirtualTime {
    return new VirtualTime({ nowMs: Date.UTC(2026, 0, 1), wallAheadMs: 0 })
  }

  readonly timers: Timers = {
    after: (spanMs, run) => {
      const due = { atMs: this.#nowMs + Math.max(0, spanMs), order: (this.#order += 1), run }
      this.#due = [...this.#due, due]
      return () => {
        this.#due = this.#due.filter(other => other !== due)
      }
    },
  }

  readonly boot: BootClock = {
    origin: { bootId: 'virtual', timeNamespace: '', originMs: 0 },
    nowMs: () => this.#nowMs,
  }

  readonly wall = (): number => this.#wallAheadMs + this.#nowMs + this.wallStepMs

  get nowMs(): number {
    return this.#nowMs
  }

  /** How many timers run. */
  get pending(): number {
    return this.#due.length
  }

  /** How long until the next timer; `null` when none runs. */
  get nextInMs(): number | null {
    return this.#due.length === 0 ? null : Math.min(...this.#due.map(({ atMs }) => atMs)) - this.#nowMs
  }

  /** Runs to `atMs`, with every timer on the way; what they set off comes to rest before the next instant. */
  async to(atMs: number): Promise<void> {
    await settle()
    while (this.#runNextBy(atMs)) await settle()
    this.#nowMs = Math.max(this.#nowMs, atMs)
    await settle()
  }

  /** Lets a span pass and runs what falls due, without waiting for what that sets off. */
  advance(spanMs: number): void {
    const untilMs = this.#nowMs + spanMs
    while (this.#runNextBy(untilMs));
    this.#nowMs = untilMs
  }

  /** The time jumps and no timer runs on the way: a suspended machine, or a blocked event loop. */
  jumpTo(atMs: number): void {
    this.#nowMs = Math.max(this.#nowMs, atMs)
  }

  /** Runs the timers of the next instant; false where none is due by `atMs`. */
  #runNextBy(atMs: number): boolean {
    const [next] = this.#due.filter(due => due.atMs <= atMs).sort((a, b) => a.atMs - b.atMs || a.order - b.order)
    if (next === undefined) return false
    this.#nowMs = Math.max(this.#nowMs, next.atMs)
    for (const due of this.#due.filter(each => each.atMs <= this.#nowMs).sort((a, b) => a.order - b.order)) {
      // An earlier one of the same instant may have cancelled it.
      if (!this.#due.includes(due)) continue
      this.#due = this.#due.filter(other => other !== due)
      due.run()
    }
    return true
  }
}

/** Lets everything that can happen without time passing happen. Longer where something must be shown not to happen. */
export async function settle(turns = isThroughServer ? TURNS_SERVED : TURNS): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await new Promise<void>(resolve => setImmediate(resolve))
}

/** Lets everything that is ready run until the condition holds. Virtual time stands still meanwhile. */
export async function until(holds: () => boolean, what = 'the condition'): Promise<void> {
  const giveUpAt = performance.now() + GIVE_UP_MS
  while (!holds()) {
    if (performance.now() > giveUpAt) throw new Error(`${what} did not come true`)
    await new Promise<void>(resolve => setImmediate(resolve))
  }
}
