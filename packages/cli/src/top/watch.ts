import type { Timers } from '@holdfast/engine'
import type { Connection, Snapshot } from './snapshot.ts'

/** Looks follow each other at least so far apart, however much happens. */
const APART_MS = 200

/** Of its time, looking takes at most one part in so many: a large fleet is looked at less often. */
const SHARE = 4

/** A store that failed is asked again after so long. */
const RETRY_MS = 1000

/** A look that takes longer counts as a store that does not answer. */
export const SILENT_MS = 3000

export interface WatchOptions {
  readonly look: () => Promise<Snapshot>
  /** Whether asking again can help. */
  readonly passes: (error: unknown) => boolean
  readonly timers: Timers
  /** A clock that never steps. */
  readonly ownNowMs: () => number
  /** How often it looks when nothing is heard: time alone changes verdicts. */
  readonly everyMs: number
  readonly changed: () => void
  /** No further look helps. */
  readonly failed: (error: unknown) => void
}

/** What is known of the fleet, and since when on the own clock. */
export interface Seen {
  readonly snapshot: Snapshot
  /** When it was asked for: what it says may have changed since. */
  readonly atMs: number
  /** When its log clock was read, at the latest. */
  readonly clockAtMs: number
}

/** Keeps a snapshot up to date: when something is heard, and every so often. Never two looks at a time. */
export class Watch {
  readonly #options: WatchOptions
  #seen: Seen | null = null
  #failure: { readonly sinceMs: number; readonly why: string } | null = null
  #lookingSinceMs: number | null = null
  #lastTookMs = 0
  #lastEndedMs = Number.NEGATIVE_INFINITY
  #heard = false
  #ended = false
  #timer: { readonly atMs: number; readonly cancel: () => void } | null = null

  constructor(options: WatchOptions) {
    this.#options = options
  }

  get seen(): Seen | null {
    return this.#seen
  }

  get connection(): Connection {
    if (this.#failure !== null) return { state: 'reconnecting', ...this.#failure }
    const sinceMs = this.#lookingSinceMs
    if (sinceMs === null || this.#options.ownNowMs() - sinceMs < SILENT_MS) return { state: 'up' }
    return { state: 'reconnecting', sinceMs, why: 'the store does not answer' }
  }

  /** Something happened: looks as soon as it may. */
  hear(): void {
    this.#heard = true
    if (this.#lookingSinceMs === null && this.#failure === null) this.#lookIn(0)
  }

  end(): void {
    this.#ended = true
    this.#timer?.cancel()
    this.#timer = null
  }

  #lookIn(waitMs: number): void {
    if (this.#ended) return
    const { timers, ownNowMs } = this.#options
    const nowMs = ownNowMs()
    const apartMs = Math.max(APART_MS, (SHARE - 1) * this.#lastTookMs)
    const atMs = Math.max(nowMs + waitMs, this.#lastEndedMs + apartMs)
    if (this.#timer !== null && this.#timer.atMs <= atMs) return
    this.#timer?.cancel()
    this.#timer = { atMs, cancel: timers.after(Math.max(0, atMs - nowMs), () => void this.#look()) }
  }

  async #look(): Promise<void> {
    const { look, passes, ownNowMs, everyMs, changed, failed } = this.#options
    this.#timer = null
    this.#heard = false
    const begunMs = ownNowMs()
    this.#lookingSinceMs = begunMs
    let waitMs = everyMs
    try {
      const snapshot = await look()
      this.#seen = { snapshot, atMs: begunMs, clockAtMs: ownNowMs() }
      this.#failure = null
    } catch (error) {
      if (!passes(error)) {
        this.end()
        failed(error)
        return
      }
      const why = error instanceof Error ? error.message : String(error)
      this.#failure = { sinceMs: this.#failure?.sinceMs ?? begunMs, why }
      waitMs = RETRY_MS
    }
    this.#lookingSinceMs = null
    this.#lastEndedMs = ownNowMs()
    this.#lastTookMs = this.#lastEndedMs - begunMs
    if (this.#ended) return
    changed()
    this.#lookIn(this.#heard && this.#failure === null ? 0 : waitMs)
  }
}
