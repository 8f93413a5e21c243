import type { Refused } from '@holdfast/core'
import { waitingText } from './waiting-text.ts'

/** Redrawn this often while nothing changes but the time. */
const EVERY_MS = 1000

const TAKEN_AWAY = '\r\u001B[K'

interface Waiting {
  readonly lane: string
  readonly waitMs: number
  /** Nothing is shown on a terminal either. */
  readonly quiet: boolean
}

/** A line on standard error while a request waits: for whom, and for how long. Nothing where nobody looks at it. */
export class WaitingLine implements Disposable {
  readonly #waiting: Waiting
  readonly #begunAtMs = performance.now()
  readonly #shown: boolean
  #refused: Refused | null = null
  /** How far the log clock is ahead of the own one. */
  #aheadMs = 0
  #timer: NodeJS.Timeout | undefined

  constructor(waiting: Waiting) {
    this.#waiting = waiting
    this.#shown = process.stderr.isTTY && !waiting.quiet
  }

  /** Shows what stands in the way now; `nowMs` is the log clock. */
  show(refused: Refused, nowMs: number): void {
    if (!this.#shown) return
    this.#refused = refused
    this.#aheadMs = nowMs - performance.now()
    this.#timer ??= setInterval(() => this.#draw(), EVERY_MS).unref()
    this.#draw()
  }

  /** Takes the line away. */
  end(): void {
    clearInterval(this.#timer)
    if (this.#refused !== null) process.stderr.write(TAKEN_AWAY)
    this.#refused = null
  }

  [Symbol.dispose](): void {
    this.end()
  }

  #draw(): void {
    if (this.#refused === null) return
    const ownMs = performance.now()
    const elapsedMs = ownMs - this.#begunAtMs
    const { lane, waitMs } = this.#waiting
    const times = { elapsedMs, leftMs: waitMs - elapsedMs, nowMs: ownMs + this.#aheadMs }
    const columns = process.stderr.columns || undefined
    process.stderr.write(`\r${waitingText({ lane, refused: this.#refused, ...times, columns })}\u001B[K`)
  }
}
