import type { SubscriptionItem } from '@holdfast/store'
import { LinkLost } from './link-lost.ts'

/** Items that wait for their reader; beyond that the stream is ended, and begun again when they are read. */
const WAITING_MAX = 256

/** Between a link, which gives, and a reader, who takes his time. */
export class ItemQueue implements AsyncIterable<SubscriptionItem> {
  readonly #items: SubscriptionItem[] = []
  readonly #enough = new AbortController()
  /** Aborts when the stream is to end. */
  readonly ends: AbortSignal
  #isFinished = false
  #failure: Error | null = null
  #wake: () => void = () => {}

  constructor(signal: AbortSignal) {
    this.ends = AbortSignal.any([signal, this.#enough.signal])
  }

  push(item: SubscriptionItem | null): void {
    // What comes after the end was ordered is given by the next stream.
    if (item === null || this.ends.aborted) return
    this.#items.push(item)
    if (this.#items.length >= WAITING_MAX) this.#enough.abort()
    this.#wake()
  }

  finish(failure: Error | null): void {
    this.#isFinished = true
    this.#failure = failure
    this.#wake()
  }

  stop(): void {
    this.#enough.abort()
  }

  /** Ends when the stream has; throws what it failed with, when all before it was read. */
  async *[Symbol.asyncIterator](): AsyncGenerator<SubscriptionItem> {
    for (;;) {
      const item = this.#items.shift()
      if (item !== undefined) {
        yield item
        continue
      }
      if (this.#isFinished) break
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    }
    if (this.#failure !== null) throw this.#failure
    if (!this.ends.aborted) throw new LinkLost('the server ended the stream')
  }
}
