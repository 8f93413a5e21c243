import { remainingMs, withoutDeadline } from '../deadline.ts'
import { StoreError } from '../errors.ts'

/**
 * One read for all who ask while another is under way: it begins after each of them asked, so what they get is as fresh
 * as a read of their own. It is under nobody's deadline, and each of them waits for it as long as their own allows.
 */
export class CoalescedRead<T> {
  readonly #read: () => Promise<T>
  #current: Promise<T> | null = null
  #next: Promise<T> | null = null

  constructor(read: () => Promise<T>) {
    this.#read = read
  }

  /** Rejects as the read does, and with `unavailable` when the caller's time is over before it has ended. */
  take(): Promise<T> {
    return inOwnTime(this.#shared())
  }

  #shared(): Promise<T> {
    if (this.#current === null) return this.#begin()
    this.#next ??= withoutDeadline(() => this.#after(this.#current))
    return this.#next
  }

  async #after(current: Promise<T> | null): Promise<T> {
    await current?.catch(() => undefined)
    this.#next = null
    return this.#begin()
  }

  #begin(): Promise<T> {
    const read = withoutDeadline(this.#read)
    this.#current = read
    const end = (): void => {
      if (this.#current === read) this.#current = null
    }
    read.then(end, end)
    return read
  }
}

async function inOwnTime<T>(read: Promise<T>): Promise<T> {
  const leftMs = remainingMs()
  if (leftMs === Infinity) return read
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(tooLate()), leftMs)
  })
  try {
    return await Promise.race([read, late])
  } finally {
    clearTimeout(timer)
    read.catch(() => undefined)
  }
}

function tooLate(): StoreError {
  const message =
    'EventStoreDB did not say in time where the log ends. Check that it runs and has a leader, then try again.'
  return new StoreError('unavailable', message)
}
