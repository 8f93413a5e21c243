import type { Blocker, Refused } from '@holdfast/core'
import { processText } from '@holdfast/server/text'
import { plain } from './plain.ts'
import { span } from './times.ts'

/** Redrawn this often while nothing changes but the time. */
const EVERY_MS = 1000

const TAKEN_AWAY = '\r\u001B[K'

interface WaitingLineOptions {
  readonly lane: string
  readonly waitMs: number
  /** Nothing is shown on a terminal either. */
  readonly quiet: boolean
}

/** A line on standard error while a request waits: for whom, and for how long. Nothing where nobody looks at it. */
export class WaitingLine implements Disposable {
  readonly #waiting: WaitingLineOptions
  readonly #begunAtMs = performance.now()
  readonly #shown: boolean
  #refused: Refused | null = null
  /** How far the log clock is ahead of the own one. */
  #aheadMs = 0
  #timer: NodeJS.Timeout | undefined

  constructor(waiting: WaitingLineOptions) {
    this.#waiting = waiting
    this.#shown = process.stderr.isTTY && !waiting.quiet
  }

  /** Shows what stands in the way now; `nowMs` is the log clock. */
  show(refused: Refused, nowMs: number): void {
    if (!this.#shown) return
    this.#refused = refused
    this.#aheadMs = nowMs - performance.now()
    this.#timer ??= setInterval(() => this.#draw(), EVERY_MS).unref()
    this.#draw()
  }

  /** Takes the line away. */
  end(): void {
    clearInterval(this.#timer)
    if (this.#refused !== null) process.stderr.write(TAKEN_AWAY)
    this.#refused = null
  }

  [Symbol.dispose](): void {
    this.end()
  }

  #draw(): void {
    if (this.#refused === null) return
    const ownMs = performance.now()
    const elapsedMs = ownMs - this.#begunAtMs
    const { lane, waitMs } = this.#waiting
    const times = { elapsedMs, leftMs: waitMs - elapsedMs, nowMs: ownMs + this.#aheadMs }
    const columns = process.stderr.columns || undefined
    process.stderr.write(`\r${waitingText({ lane, refused: this.#refused, ...times, columns })}\u001B[K`)
  }
}

/** Columns of a terminal that does not say. */
const COLUMNS = 80

export interface WaitingState {
  readonly lane: string
  readonly refused: Pick<Refused, 'blockers' | 'moreBlockers'>
  /** How long it waits already, and how long it still would. */
  readonly elapsedMs: number
  readonly leftMs: number
  /** The log clock. */
  readonly nowMs: number
  readonly columns?: number | undefined
}

/** One line that fits the terminal: for what a request waits, since when, and when it gives up. */
export function waitingText({ lane, refused, elapsedMs, leftMs, nowMs, columns = COLUMNS }: WaitingState): string {
  const [first] = refused.blockers
  const more = refused.blockers.length + refused.moreBlockers - 1
  const others = more > 0 ? ` and ${more} more` : ''
  const what = first === undefined ? 'room in the line' : `${subjectOf(first, nowMs)}${others}`
  const line = `waiting ${span(seconds(elapsedMs))} for ${plain(lane)}: ${what}; gives up in ${span(seconds(leftMs))}`
  // The last column stays free: some terminals go on to the next line when it is written.
  return line.slice(0, Math.max(0, columns - 1))
}

function subjectOf({ leaseId, holder, code, until, ticket, child }: Blocker, nowMs: number): string {
  const who = holder === undefined ? 'somebody' : plain(holder)
  const left = until === undefined || until <= nowMs ? '' : `, ${span(seconds(until - nowMs))} left`
  if (ticket !== undefined) return `${who} is before it in line`
  if (code === 'draining') return `what was taken from ${who} drains${left}`
  if (code === 'awaiting-reap') return `${plain(leaseId ?? '')} of ${who} waits for a reaper`
  if (child !== undefined) return `a child of ${who} still runs (${processText(child)})`
  return `${who} holds ${plain(leaseId ?? '')}${left}`
}

function seconds(spanMs: number): number {
  return Math.max(1, Math.round(spanMs / 1000)) * 1000
}
