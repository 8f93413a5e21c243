import { Problem } from './problem.ts'

/** Questions about the past that are answered at once, and that wait for that. */
const AT_ONCE = 4
const WAITING_MAX = 64

/** Reading the past takes long and shares the process with those who commit: a few do it at once, the others wait. */
export class Turns {
  readonly #waiting: (() => void)[] = []
  #count = 0

  /** Runs `work` when it is its turn. Rejects with a `Problem` where too many wait, and where `gone` aborts before. */
  async take<T>(gone: AbortSignal, work: () => Promise<T>): Promise<T> {
    if (this.#count < AT_ONCE) this.#count += 1
    else await this.#turn()
    try {
      if (gone.aborted) throw new Problem(503, 'closing', 'Nobody waits for the answer any more.')
      return await work()
    } finally {
      const next = this.#waiting.shift()
      // The turn goes on to the next one as it is.
      if (next === undefined) this.#count -= 1
      else next()
    }
  }

  #turn(): Promise<void> {
    if (this.#waiting.length >= WAITING_MAX) {
      const headers = { 'Retry-After': '1' }
      throw new Problem(503, 'busy', 'Too many questions about the past wait. Ask again later.', { headers })
    }
    return new Promise(resolve => this.#waiting.push(resolve))
  }
}
