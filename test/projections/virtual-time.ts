import type { Timers } from '@holdfast/projections/streams'
import type { BootClock } from '@holdfast/store'

const START_MS = Date.UTC(2026, 0, 1)

/** Real turns that a condition may take to come true before a test gives up on it: about ten seconds. */
const PATIENCE_MS = 10_000

interface Due {
  readonly atMs: number
  readonly run: () => void
}

/** Time that passes when a test says so. */
export class VirtualTime {
  #nowMs = START_MS
  readonly #due = new Set<Due>()

  get nowMs(): number {
    return this.#nowMs
  }

  readonly clock = (): number => this.#nowMs

  readonly bootClock: BootClock = {
    origin: { bootId: 'virtual', timeNamespace: '', originMs: 0 },
    nowMs: () => this.#nowMs - START_MS + 1_000_000,
  }

  readonly timers: Timers = {
    after: (spanMs, run) => {
      const due = { atMs: this.#nowMs + spanMs, run }
      this.#due.add(due)
      return () => this.#due.delete(due)
    },
  }

  /** How many timers run. */
  get pending(): number {
    return this.#due.size
  }

  /** How long until the next timer; `null` when none runs. */
  get nextInMs(): number | null {
    return this.#due.size === 0 ? null : Math.min(...[...this.#due].map(({ atMs }) => atMs)) - this.#nowMs
  }

  /** Lets time pass and runs what falls due, in order. */
  advance(spanMs: number): void {
    const untilMs = this.#nowMs + spanMs
    for (;;) {
      const [next] = [...this.#due].filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)
      if (next === undefined) break
      this.#nowMs = Math.max(this.#nowMs, next.atMs)
      this.#due.delete(next)
      next.run()
    }
    this.#nowMs = untilMs
  }
}

/** Lets everything that is ready run until the condition holds. Virtual time stands still meanwhile. */
export async function until(holds: () => boolean, what = 'the condition'): Promise<void> {
  const giveUpAt = performance.now() + PATIENCE_MS
  while (!holds()) {
    if (performance.now() > giveUpAt) throw new Error(`${what} did not come true`)
    await new Promise<void>(resolve => setImmediate(resolve))
  }
}

/** Lets everything that is ready run for some turns: for what must not happen. */
export async function settle(turns = 50): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await new Promise<void>(resolve => setImmediate(resolve))
}
