import type { ServerClock } from './server-clock.ts'
import type { StreamPoint } from './stream-point.ts'

/** One ledger's clock as this process has told it: it never goes back, also when a new leader's clock is behind. */
export class LedgerClock {
  readonly #server: ServerClock
  #toldMs = Number.MIN_SAFE_INTEGER

  constructor(server: ServerClock) {
    this.#server = server
  }

  nowMs(tip: StreamPoint): number {
    const nowMs = tip.position < 0 ? this.#server.nowMs() : this.#server.nowAfterMs(tip)
    this.#toldMs = Math.max(this.#toldMs, nowMs)
    return this.#toldMs
  }
}
