import type { Timers } from '@holdfast/engine'
import { Problem } from './problem.ts'

/** Waiting requests and streams at once. */
export const LASTING_MAX = 1_000

/** Of these, those of one token: others go on. */
export const LASTING_OF_TOKEN_MAX = 256

/** How often it is looked whether a token still is good. */
const LOOK_EVERY_MS = 1_000

interface LastingRequest {
  readonly ends: readonly AbortSignal[]
  readonly isGranted: () => boolean
  /** The name of the token by which it came. */
  readonly token: string
}

/** Requests that last: their number is bounded, and each ends when its token does. */
export class Lasting {
  readonly #timers: Timers
  #count = 0
  /** By the name of the token. */
  readonly #counts = new Map<string, number>()

  constructor(timers: Timers) {
    this.#timers = timers
  }

  get count(): number {
    return this.#count
  }

  /** Runs `work` until it is done; its signal aborts when one of `ends` does, or the grant is over. */
  async run<T>({ ends, isGranted, token }: LastingRequest, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const ofToken = this.#counts.get(token) ?? 0
    if (ofToken >= LASTING_OF_TOKEN_MAX) throw busy(`${LASTING_OF_TOKEN_MAX} requests of the token ${token}`)
    if (this.#count >= LASTING_MAX) throw busy(`${LASTING_MAX} requests`)
    const over = new AbortController()
    let cancel: () => void = () => {}
    const look = (): void => {
      if (isGranted()) cancel = this.#timers.after(LOOK_EVERY_MS, look, { background: true })
      else over.abort('the token was revoked, has expired, or cannot be looked up')
    }
    this.#add(token, 1)
    look()
    try {
      return await work(AbortSignal.any([...ends, over.signal]))
    } finally {
      this.#add(token, -1)
      cancel()
    }
  }

  #add(token: string, more: 1 | -1): void {
    this.#count += more
    const left = (this.#counts.get(token) ?? 0) + more
    if (left === 0) this.#counts.delete(token)
    else this.#counts.set(token, left)
  }
}

function busy(what: string): Problem {
  const message = `${what} wait or follow a stream already. Ask again later.`
  return new Problem(503, 'busy', message, { headers: { 'Retry-After': '5' } })
}
