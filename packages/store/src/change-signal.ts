/** Tells waiters that something may have changed. A waiter takes `version` before it looks, so that nothing is missed. */
export class ChangeSignal {
  #version = 0
  readonly #waiters = new Set<() => void>()

  get version(): number {
    return this.#version
  }

  raise(): void {
    this.#version += 1
    const waiters = [...this.#waiters]
    this.#waiters.clear()
    for (const wake of waiters) wake()
  }

  /** Settles once the signal was raised after `version` was taken, or when `signal` aborts. */
  changedSince(version: number, signal: AbortSignal): Promise<void> {
    if (this.#version !== version || signal.aborted) return Promise.resolve()
    return new Promise(resolve => {
      const wake = (): void => {
        signal.removeEventListener('abort', wake)
        this.#waiters.delete(wake)
        resolve()
      }
      this.#waiters.add(wake)
      signal.addEventListener('abort', wake, { once: true })
    })
  }
}
