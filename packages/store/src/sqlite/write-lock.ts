import type { StoreError } from '../errors.ts'
import type { WaitQueue } from './wait-queue.ts'

/** Tries that follow each other before the event loop turns, and the shortest nap between two of them. */
const TRIES = 8
const NAP_MIN_MS = 0.15

const NAP_CELL = new Int32Array(new SharedArrayBuffer(4))

/** What one try for the lock came to. */
export type Attempt<T> = { readonly kind: 'busy' } | { readonly kind: 'done'; readonly value: T }

export interface WriteLockOptions {
  readonly waiting: WaitQueue
  /** How long to wait while nobody ahead gets the lock either. */
  readonly deadlineMs: number
  /** What to throw past the deadline. */
  readonly locked: () => StoreError
}

/**
 * Turns at SQLite's write lock: one connection's writes one after the other, and between processes by trying again
 * until the deadline. Who may try when is the `WaitQueue`'s advice; exclusion is SQLite's alone.
 */
export class WriteLock {
  readonly #options: WriteLockOptions
  #tail: Promise<unknown> = Promise.resolve()

  constructor(options: WriteLockOptions) {
    this.#options = options
  }

  /**
   * Runs `attempt` until it is not busy; attempts of one lock never overlap. An attempt calls `got` as soon as it has
   * the lock. `whileWaiting` runs before a pause when the turn is near: for work that would otherwise be done under the
   * lock.
   */
  run<T>(attempt: (got: () => void) => Attempt<T>, whileWaiting: () => void = nothing): Promise<T> {
    const turn = this.#tail.then(() => this.#persist(attempt, whileWaiting))
    this.#tail = turn.catch(() => undefined)
    return turn
  }

  /** Settles when no attempt is under way. */
  async idle(): Promise<void> {
    await this.#tail
  }

  close(): void {
    this.#options.waiting.close()
  }

  async #persist<T>(attempt: (got: () => void) => Attempt<T>, whileWaiting: () => void): Promise<T> {
    const { deadlineMs, locked } = this.#options
    const wait = this.#options.waiting.begin()
    let deadlineAtMs = performance.now() + deadlineMs
    try {
      for (;;) {
        const mayTry = wait.mayTry()
        const nowMs = performance.now()
        if (wait.cameNearer()) deadlineAtMs = nowMs + deadlineMs
        const isLast = nowMs > deadlineAtMs
        const result = mayTry || isLast ? insist(() => attempt(wait.got)) : undefined
        if (result?.kind === 'done') return result.value
        if (isLast) throw locked()
        if (wait.isNear()) whileWaiting()
        await wait.pause()
      }
    } finally {
      wait.end()
    }
  }
}

/** Tries in a row, with naps between them that timers are too coarse for. Blocks the event loop for some 2 ms at most. */
function insist<T>(attempt: () => Attempt<T>): Attempt<T> {
  for (let tries = 1; ; tries += 1) {
    const result = attempt()
    if (result.kind === 'done' || tries === TRIES) return result
    Atomics.wait(NAP_CELL, 0, 0, NAP_MIN_MS + Math.random() * NAP_MIN_MS)
  }
}

function nothing(): void {
  // Most waits have nothing to do meanwhile.
}
