/** First and longest pause between two attempts. */
const PAUSE_MIN_MS = 20
const PAUSE_MAX_MS = 1_000

/**
 * How long one operation goes on trying: pauses grow to a second, are random so that many clients do not return at
 * once, and end with the total. Ends at once when `signal` aborts.
 */
export class Backoff {
  readonly #endMs: number
  readonly #signal: AbortSignal
  #pauseMs = PAUSE_MIN_MS

  constructor(totalMs: number, signal: AbortSignal) {
    this.#endMs = performance.now() + totalMs
    this.#signal = signal
  }

  /** Waits before the next attempt; false when there is no more time for one. */
  async again(): Promise<boolean> {
    const spanMs = this.#pauseMs * (0.5 + Math.random() / 2)
    this.#pauseMs = Math.min(PAUSE_MAX_MS, this.#pauseMs * 2)
    if (this.#signal.aborted || performance.now() + spanMs >= this.#endMs) return false
    await pause(spanMs, this.#signal)
    return !this.#signal.aborted
  }
}

/** Settles after the span, or at once when `signal` aborts; never rejects. */
export function pause(spanMs: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, spanMs)
    if (signal.aborted) done()
    else signal.addEventListener('abort', done, { once: true })
  })
}
