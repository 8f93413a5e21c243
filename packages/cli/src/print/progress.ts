import { progressLine, type Amount } from './progress-line.ts'

/** Redrawn at most this often. */
const EVERY_MS = 100

const TAKEN_AWAY = '\r\u001B[K'

/** A bar on standard error while something long runs; nothing where nobody looks at it. */
export class Progress {
  readonly #shown: boolean
  #step = ''
  #begunAtMs = 0
  #drawnAtMs = 0
  #begun = false

  /** `quiet`: nothing is shown on a terminal either. */
  constructor({ quiet }: { readonly quiet: boolean }) {
    this.#shown = process.stderr.isTTY && !quiet
  }

  /** Each step has a bar of its own, and its own time. */
  show(step: string, amount: Amount): void {
    if (!this.#shown) return
    const nowMs = performance.now()
    if (step !== this.#step) {
      this.#step = step
      this.#begunAtMs = nowMs
    } else if (nowMs - this.#drawnAtMs < EVERY_MS && amount.done < amount.total) return
    this.#drawnAtMs = nowMs
    this.#begun = true
    const elapsedMs = nowMs - this.#begunAtMs
    const line = progressLine({ step, ...amount, elapsedMs, columns: process.stderr.columns || undefined })
    process.stderr.write(`\r${line}\u001B[K`)
  }

  /** Takes the bar away. */
  end(): void {
    if (this.#begun) process.stderr.write(TAKEN_AWAY)
  }
}
