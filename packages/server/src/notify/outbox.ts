import { pause } from '@holdfast/engine/internal'
import type { Timers } from '@holdfast/engine'
import type { Log } from '../log.ts'
import type { Deliver, Delivery } from './delivery.ts'
import type { Notice } from './notice.ts'

/** Notices of one rule and ledger that wait. Of more, the oldest is dropped. */
export const WAITING_MAX = 100

/** How long a webhook that failed is left in peace: twice as long each time, and a part of it by chance. */
export const RETRY_FIRST_MS = 1_000
export const RETRY_MAX_MS = 60_000

export interface OutboxParts {
  readonly rule: string
  readonly deliver: Deliver
  readonly tries: number
  readonly limitMs: number
  readonly timers: Timers
  readonly log: Log
  /** From 0 to 1: how much of the pause is waited for. */
  readonly chance: () => number
  /** Told when what waits is another now. */
  readonly changed: () => void
}

/** What was left by an earlier server. */
export interface Waiting {
  readonly notices: readonly Notice[]
  readonly dropped: number
}

/**
 * The notices of one rule, told one after the other. Nobody waits for it: whoever adds one goes on at once. What waits
 * is bounded, and what it cannot hold is counted.
 */
export class Outbox {
  readonly #parts: OutboxParts
  readonly #waiting: Notice[]
  #dropped: number
  #isTelling = false
  #running: Promise<void> = Promise.resolve()
  /** No try begins any more. */
  readonly #ending = new AbortController()
  /** What runs is cut. */
  readonly #cut = new AbortController()

  constructor(parts: OutboxParts, { notices, dropped }: Waiting = { notices: [], dropped: 0 }) {
    this.#parts = parts
    this.#waiting = notices.slice(-WAITING_MAX)
    this.#dropped = dropped + notices.length - this.#waiting.length
  }

  get waiting(): Waiting {
    return { notices: [...this.#waiting], dropped: this.#dropped }
  }

  /** Whether a notice is being told. */
  get isTelling(): boolean {
    return this.#isTelling
  }

  add(notice: Notice): void {
    this.#waiting.push(notice)
    if (this.#waiting.length <= WAITING_MAX) return
    // The one that is being told is not the oldest that waits.
    this.#waiting.splice(this.#isTelling ? 1 : 0, 1)
    this.#dropped += 1
    const { log, rule } = this.#parts
    log.warn({ rule, waiting: WAITING_MAX, dropped: this.#dropped }, 'too many notices wait: the oldest was dropped')
  }

  /** Tells what waits, unless it does already. */
  tell(): void {
    if (this.#isTelling || this.#ending.signal.aborted || this.#waiting.length === 0) return
    this.#isTelling = true
    this.#running = this.#tellAll().finally(() => {
      this.#isTelling = false
    })
  }

  /** Begins nothing more, gives what runs its time, and cuts it. What was not told still waits. */
  async end(withinMs: number): Promise<void> {
    this.#ending.abort()
    const settled = new AbortController()
    void this.#running.then(() => settled.abort())
    await pause(this.#parts.timers, withinMs, settled.signal)
    this.#cut.abort()
    await this.#running
  }

  async #tellAll(): Promise<void> {
    for (let notice = this.#waiting[0]; notice !== undefined; notice = this.#waiting[0]) {
      if (this.#ending.signal.aborted) return
      const { dropped } = this.waiting
      const delivery = await this.#try({ ...notice, dropped })
      if (delivery === null) return
      this.#waiting.shift()
      const { log, rule } = this.#parts
      const told = { rule, on: notice.on, notice: notice.id, detail: delivery.detail }
      if (delivery.outcome === 'told') {
        this.#dropped -= dropped
        log.info(told, 'a notice was told')
      } else log.error(told, 'a notice could not be told and is given up')
      this.#parts.changed()
    }
  }

  /** `null`: the server ends before it was told. */
  async #try(notice: Notice): Promise<Delivery | null> {
    const { deliver, tries, limitMs, timers, log, rule, chance } = this.#parts
    for (let count = 1; ; count += 1) {
      const delivery = await settled(deliver(notice, { timers, limitMs, signal: this.#cut.signal }))
      if (delivery.outcome !== 'told' && this.#cut.signal.aborted) return null
      if (delivery.outcome !== 'failed' || count >= tries) return delivery
      const afterMs = pauseMs(count, chance(), delivery.retryAfterMs)
      log.warn(
        { rule, notice: notice.id, detail: delivery.detail, tries: count, afterMs },
        'a notice will be tried again',
      )
      await pause(timers, afterMs, this.#ending.signal)
      if (this.#ending.signal.aborted) return null
    }
  }
}

/** A fault of ours in telling ends that notice, and not the server. */
async function settled(delivery: Promise<Delivery>): Promise<Delivery> {
  try {
    return await delivery
  } catch (error) {
    return { outcome: 'refused', detail: error instanceof Error ? error.name : 'unknown' }
  }
}

/** At least half of the span, so that a chance of nothing does not hammer; never before the receiver wants it. */
function pauseMs(count: number, chance: number, retryAfterMs = 0): number {
  const spanMs = Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** (count - 1))
  return Math.max(retryAfterMs, Math.round(spanMs / 2 + (spanMs / 2) * chance))
}
