import type { Timers } from '@holdfast/engine'
import { Problem } from './problem.ts'

/** Waiting requests and streams at once. */
export const LASTING_MAX = 1_000

/** How often it is looked whether a token still is good. */
const LOOK_EVERY_MS = 1_000

/** Requests that last: their number is bounded, and each ends when its token does. */
export class Lasting {
  readonly #timers: Timers
  #count = 0

  constructor(timers: Timers) {
    this.#timers = timers
  }

  get count(): number {
    return this.#count
  }

  /** Runs `work` until it is done; its signal aborts when one of `ends` does, or the grant is over. */
  async run<T>(
    { ends, isGranted }: { readonly ends: readonly AbortSignal[]; readonly isGranted: () => boolean },
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    if (this.#count >= LASTING_MAX) {
      const message = `${LASTING_MAX} requests wait or follow a stream already. Ask again later.`
      throw new Problem(503, 'busy', message, { headers: { 'Retry-After': '5' } })
    }
    const over = new AbortController()
    let cancel: () => void = () => {}
    const look = (): void => {
      if (isGranted()) cancel = this.#timers.after(LOOK_EVERY_MS, look, { background: true })
      else over.abort('the token was revoked or has expired')
    }
    this.#count += 1
    look()
    try {
      return await work(AbortSignal.any([...ends, over.signal]))
    } finally {
      this.#count -= 1
      cancel()
    }
  }
}
