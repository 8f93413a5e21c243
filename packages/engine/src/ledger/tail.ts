import type { LogEntry } from '@holdfast/core'
import type { Head, LogStore } from '@holdfast/store'
import { withoutDeadline } from '@holdfast/store/internal'
import { pause, type Timers } from '../clock/timers.ts'

/** First and longest pause before a broken subscription is taken up again. */
const RESUBSCRIBE_MIN_MS = 50
const RESUBSCRIBE_MAX_MS = 5_000

type Listener = (entries: readonly LogEntry[]) => void

/**
 * One subscription to the log for all who want to hear of it. It begins with the first listener, survives an
 * unreachable store (it resumes after the last entry that it has given), and ends with `close`. Its owner folds every
 * entry, whether anybody listens or not: what came between two listeners would be missing from the state for good.
 */
export class Tail {
  readonly #listeners = new Set<Listener>()
  readonly #ending = new AbortController()
  readonly #store: LogStore
  readonly #stream: string
  readonly #timers: Timers
  /** Where to begin: what the owner has folded so far. */
  readonly #startAfter: () => Head
  readonly #fold: Listener
  #running: Promise<void> | null = null
  #failure: unknown = null

  constructor(options: {
    readonly store: LogStore
    readonly stream: string
    readonly timers: Timers
    readonly startAfter: () => Head
    /** Given all entries, before any listener. */
    readonly fold: (entries: readonly LogEntry[]) => void
  }) {
    this.#store = options.store
    this.#stream = options.stream
    this.#timers = options.timers
    this.#startAfter = options.startAfter
    this.#fold = options.fold
  }

  /** Why the subscription is down at present; `null` while it is up. */
  get failure(): unknown {
    return this.#failure
  }

  /** Hears every entry from now on. The returned function ends it. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener)
    this.#running ??= withoutDeadline(() => this.#follow())
    return () => this.#listeners.delete(listener)
  }

  async close(): Promise<void> {
    this.#ending.abort()
    await this.#running
  }

  async #follow(): Promise<void> {
    const { signal } = this.#ending
    let after = this.#startAfter()
    let backOffMs = RESUBSCRIBE_MIN_MS
    while (!signal.aborted) {
      try {
        for await (const item of this.#store.subscribe(this.#stream, after, { signal })) {
          this.#failure = null
          backOffMs = RESUBSCRIBE_MIN_MS
          if (item.kind === 'entries') {
            after = item.entries[item.entries.length - 1]?.revision ?? after
            this.#tell(item.entries)
          }
        }
      } catch (error) {
        this.#failure = error
      }
      if (!signal.aborted) await pause(this.#timers, backOffMs, signal)
      backOffMs = Math.min(backOffMs * 2, RESUBSCRIBE_MAX_MS)
    }
  }

  /** What a listener throws is its own affair: the others hear of it all the same. */
  #tell(entries: readonly LogEntry[]): void {
    this.#fold(entries)
    for (const listener of this.#listeners) {
      try {
        listener(entries)
      } catch {
        // Nobody waits for an answer here.
      }
    }
  }
}
