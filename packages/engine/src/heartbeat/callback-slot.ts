import { AsyncLocalStorage } from 'node:async_hooks'

/** What became of one callback's calls. */
export interface CallbackStats {
  readonly calls: number
  readonly failures: number
  /** Calls that a newer one replaced while an older one still ran. */
  readonly replaced: number
  /** Whether a call runs now; one that never ends shows here. */
  readonly running: boolean
  /** What the last failure threw; `null` when there was none. */
  readonly lastError: unknown
}

const within = new AsyncLocalStorage<CallbackSlot<never>>()

/**
 * Runs one callback, sync or async, so that it never overlaps itself and never hurts its caller: failures are counted,
 * and of the calls that come while one runs only the newest is kept.
 */
export class CallbackSlot<Args extends readonly unknown[]> {
  readonly #run: (...args: Args) => unknown
  #running: Promise<void> | null = null
  #next: Args | null = null
  #calls = 0
  #failures = 0
  #replaced = 0
  #lastError: unknown = null

  constructor(run: (...args: Args) => unknown) {
    this.#run = run
  }

  /** Calls now, or after the running call. Never throws. */
  offer(...args: Args): void {
    if (this.#running !== null) {
      if (this.#next !== null) this.#replaced += 1
      this.#next = args
      return
    }
    this.#running = this.#drain(args)
  }

  /** Forgets the call that waits. */
  drop(): void {
    this.#next = null
  }

  /** Settles when nothing runs. At once inside the callback itself, which would wait for its own end. */
  async idle(): Promise<void> {
    if (within.getStore() !== (this as unknown)) await this.#running
  }

  get stats(): CallbackStats {
    return {
      calls: this.#calls,
      failures: this.#failures,
      replaced: this.#replaced,
      running: this.#running !== null,
      lastError: this.#lastError,
    }
  }

  async #drain(first: Args): Promise<void> {
    let args: Args | null = first
    while (args !== null) {
      await this.#call(args)
      args = this.#next
      this.#next = null
    }
    this.#running = null
  }

  async #call(args: Args): Promise<void> {
    this.#calls += 1
    try {
      await within.run(this as CallbackSlot<never>, () => this.#run(...args))
    } catch (error) {
      this.#failures += 1
      this.#lastError = error
    }
  }
}
