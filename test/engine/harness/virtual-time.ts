import type { Timers } from '@holdfast/engine'
import type { BootClock } from '@holdfast/store'

interface Due {
  readonly atMs: number
  readonly order: number
  readonly run: () => void
}

/** Turns of the event loop that let promise chains (and a store's microtasks) come to rest. */
const TURNS = 30

/**
 * One clock for timers, boot clock and wall clock, moved by the test alone. Timers that are due at one instant run in
 * their order and in one turn, and everything that they set off comes to rest before the next instant.
 */
export class VirtualTime {
  #nowMs = 0
  #order = 0
  #due: Due[] = []
  /** Added to the wall clock only: a step of it moves no boot clock. */
  wallStepMs = 0

  readonly timers: Timers = {
    after: (spanMs, run) => {
      const due = { atMs: this.#nowMs + Math.max(0, spanMs), order: (this.#order += 1), run }
      this.#due.push(due)
      return () => {
        this.#due = this.#due.filter(other => other !== due)
      }
    },
  }

  readonly boot: BootClock = {
    origin: { bootId: 'virtual', timeNamespace: '', originMs: 0 },
    nowMs: () => this.#nowMs,
  }

  readonly wall = (): number => 1_000_000 + this.#nowMs + this.wallStepMs

  get nowMs(): number {
    return this.#nowMs
  }

  /** Runs to `atMs`, with every timer on the way. */
  async to(atMs: number): Promise<void> {
    await settle()
    for (;;) {
      const next = this.#nextBy(atMs)
      if (next === undefined) break
      this.#nowMs = Math.max(this.#nowMs, next.atMs)
      const together = this.#due.filter(due => due.atMs <= this.#nowMs).sort((a, b) => a.order - b.order)
      for (const due of together) {
        // An earlier one of the same instant may have cancelled it.
        if (!this.#due.includes(due)) continue
        this.#due = this.#due.filter(other => other !== due)
        due.run()
      }
      await settle()
    }
    this.#nowMs = Math.max(this.#nowMs, atMs)
    await settle()
  }

  /** The time jumps and no timer runs on the way: a suspended machine, or a blocked event loop. */
  jumpTo(atMs: number): void {
    this.#nowMs = Math.max(this.#nowMs, atMs)
  }

  #nextBy(atMs: number): Due | undefined {
    return this.#due.filter(due => due.atMs <= atMs).sort((a, b) => a.atMs - b.atMs || a.order - b.order)[0]
  }
}

/** Lets everything that can happen without time passing happen. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn += 1) await new Promise<void>(resolve => setImmediate(resolve))
}
