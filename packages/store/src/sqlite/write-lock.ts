import type { StoreError } from '../errors.ts'

/** What one try for the lock came to. */
export type Attempt<T> = { readonly kind: 'busy' } | { readonly kind: 'done'; readonly value: T }

const SLEEP_CELL = new Int32Array(new SharedArrayBuffer(4))

/** Longest blocking sleep: the event loop's timers are late by at most this. */
const BLOCKING_SLEEP_MAX_MS = 1

/**
 * Turns at the write lock: one connection's writes one after the other, and between processes by trying again after
 * short random sleeps until the deadline.
 */
export class WriteLock {
  readonly #deadlineMs: number
  readonly #locked: () => StoreError
  #tail: Promise<unknown> = Promise.resolve()

  constructor({ deadlineMs, locked }: { readonly deadlineMs: number; readonly locked: () => StoreError }) {
    this.#deadlineMs = deadlineMs
    this.#locked = locked
  }

  /** Runs `attempt` until it is not busy; attempts of one lock never overlap. */
  run<T>(attempt: () => Attempt<T>): Promise<T> {
    const turn = this.#tail.then(() => this.#persist(attempt))
    this.#tail = turn.catch(() => undefined)
    return turn
  }

  /** Settles when no attempt is under way. */
  async idle(): Promise<void> {
    await this.#tail
  }

  async #persist<T>(attempt: () => Attempt<T>): Promise<T> {
    const startedMs = performance.now()
    for (;;) {
      const result = attempt()
      if (result.kind === 'done') return result.value
      if (performance.now() - startedMs > this.#deadlineMs) throw this.#locked()
      Atomics.wait(SLEEP_CELL, 0, 0, Math.random() * BLOCKING_SLEEP_MAX_MS)
      await new Promise<void>(resolve => setImmediate(resolve))
    }
  }
}
