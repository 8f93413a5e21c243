import type { StoreError } from '../errors.ts'
import type { Waiting } from './waiting.ts'

/** What one try for the lock came to. */
export type Attempt<T> = { readonly kind: 'busy' } | { readonly kind: 'done'; readonly value: T }

export interface WriteLockOptions {
  readonly waiting: Waiting
  readonly deadlineMs: number
  /** What to throw past the deadline. */
  readonly locked: () => StoreError
}

/**
 * Turns at SQLite's write lock: one connection's writes one after the other, and between processes by trying again
 * until the deadline. Who may try when is the `Waiting`'s advice; exclusion is SQLite's alone.
 */
export class WriteLock {
  readonly #options: WriteLockOptions
  #tail: Promise<unknown> = Promise.resolve()

  constructor(options: WriteLockOptions) {
    this.#options = options
  }

  /**
   * Runs `attempt` until it is not busy; attempts of one lock never overlap. `whileWaiting` runs before a
   * pause when the turn is near: for work that would otherwise be done under the lock.
   */
  run<T>(attempt: () => Attempt<T>, whileWaiting: () => void = nothing): Promise<T> {
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

  async #persist<T>(attempt: () => Attempt<T>, whileWaiting: () => void): Promise<T> {
    const { waiting, deadlineMs, locked } = this.#options
    const startedMs = performance.now()
    const wait = waiting.begin()
    try {
      for (;;) {
        if (wait.mayTry()) {
          const result = attempt()
          if (result.kind === 'done') return result.value
          if (performance.now() - startedMs > deadlineMs) throw locked()
        }
        if (wait.isNear()) whileWaiting()
        await wait.pause()
      }
    } finally {
      wait.end()
    }
  }
}

function nothing(): void {
  // Most waits have nothing to do meanwhile.
}
