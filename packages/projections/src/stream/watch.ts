import type { EpochMs, LogEntry } from '@holdfast/core'
import { decisionTime } from '@holdfast/core/internal'
import type { LogStore } from '@holdfast/store'
import { continuesAt } from '@holdfast/store/internal'
import { Observable, type Subscriber } from 'rxjs'
import type { LedgerFold } from '../ledger/ledger-fold.ts'
import { loadLedger } from '../ledger/load-ledger.ts'
import type { Timers } from './timers.ts'

/** Longest span that platforms' timers take; a later boundary is looked for again after it. */
const WAIT_MAX_MS = 2 ** 31 - 1

/** A boundary that lies nearer is waited for this long: a clock that ticks coarsely makes no busy loop. */
const WAIT_MIN_MS = 1

/** What a view says now, and when it says something else if nothing happens; `null`: never. */
export interface Look<V> {
  readonly view: V
  readonly changesAtMs: number | null
}

/** A view to be kept up to date. */
export interface Watching<V> {
  /** Whether an entry can change the view. */
  readonly touches: (entry: LogEntry, fold: LedgerFold) => boolean
  readonly look: (fold: LedgerFold, nowMs: EpochMs) => Look<V> | Promise<Look<V>>
}

export interface WatchOptions {
  readonly timers: Timers
}

/**
 * Shows a view now, after each batch of entries that touches it, and whenever time alone changes it. Each subscriber
 * folds for itself, from the newest snapshot on. Entries that arrive while a view is being made are shown together by
 * the next one. Errors are the store's, and `moved` as soon as the ledger continues elsewhere; unsubscribing frees
 * subscription and timer at once.
 */
export function watch$<V>(
  store: LogStore,
  stream: string,
  watching: () => Watching<V>,
  { timers }: WatchOptions,
): Observable<V> {
  return new Observable(subscriber => {
    const watch = new Watch({ store, stream, timers, watching: watching(), subscriber })
    void watch.run()
    return () => watch.end()
  })
}

interface Parts<V> {
  readonly store: LogStore
  readonly stream: string
  readonly timers: Timers
  readonly watching: Watching<V>
  readonly subscriber: Subscriber<V>
}

class Watch<V> {
  readonly #parts: Parts<V>
  readonly #ending = new AbortController()
  #fold: LedgerFold | null = null
  /** Something happened that no emission shows yet. */
  #dirty = true
  #looking = false
  #lookAgain = false
  #changesAtMs: number | null = null
  #cancelTimer: (() => void) | null = null

  constructor(parts: Parts<V>) {
    this.#parts = parts
  }

  async run(): Promise<void> {
    const { store, stream, subscriber } = this.#parts
    const { signal } = this.#ending
    try {
      const fold = await loadLedger(store, stream)
      for await (const item of store.subscribe(stream, fold.after, { signal })) {
        if (subscriber.closed) return
        // What was compacted away is in the CHECKPOINT that follows, and a state folds from there alone.
        if (item.kind === 'entries') this.#take(fold, item.entries)
        if (item.kind === 'caught-up') this.#fold = fold
        if (this.#fold === null) continue
        const { movedTo } = fold.state
        if (movedTo !== null) throw continuesAt(store.url, movedTo)
        if (this.#dirty) this.#request()
      }
      subscriber.complete()
    } catch (error) {
      this.#fail(error)
    }
  }

  end(): void {
    this.#ending.abort()
    this.#cancelTimer?.()
    this.#cancelTimer = null
  }

  #take(fold: LedgerFold, entries: readonly LogEntry[]): void {
    for (const entry of entries) {
      if (this.#parts.watching.touches(entry, fold)) this.#dirty = true
      fold.absorb([entry])
    }
  }

  #request(): void {
    if (this.#looking) {
      this.#lookAgain = true
      return
    }
    void this.#look()
  }

  async #look(): Promise<void> {
    this.#looking = true
    try {
      do {
        this.#lookAgain = false
        await this.#lookOnce()
      } while (this.#lookAgain && !this.#parts.subscriber.closed)
    } catch (error) {
      this.#fail(error)
    } finally {
      this.#looking = false
    }
  }

  async #lookOnce(): Promise<void> {
    const { subscriber, watching } = this.#parts
    const fold = this.#fold
    if (fold === null) return
    const nowMs = await this.#now(fold)
    const due = this.#changesAtMs !== null && nowMs >= this.#changesAtMs
    if (this.#dirty || due) {
      this.#dirty = false
      const { view, changesAtMs } = await watching.look(fold, nowMs)
      this.#changesAtMs = changesAtMs
      if (subscriber.closed) return
      subscriber.next(view)
    }
    if (!subscriber.closed) this.#schedule(nowMs)
  }

  #schedule(nowMs: EpochMs): void {
    this.#cancelTimer?.()
    this.#cancelTimer = null
    if (this.#changesAtMs === null) return
    const waitMs = Math.min(WAIT_MAX_MS, Math.max(WAIT_MIN_MS, this.#changesAtMs - nowMs))
    this.#cancelTimer = this.#parts.timers.after(waitMs, () => this.#request())
  }

  /** The log clock, never behind what was folded. */
  async #now(fold: LedgerFold): Promise<EpochMs> {
    const { store, stream } = this.#parts
    const nowMs = await store.now(stream)
    return decisionTime(fold.state, nowMs)
  }

  #fail(error: unknown): void {
    const { subscriber } = this.#parts
    // After an unsubscription nobody is left to be told, and RxJS would report it as unhandled.
    if (!subscriber.closed) subscriber.error(error)
  }
}
