import type { Blocker, Refused } from '@holdfast/core'
import { plain } from './plain.ts'
import { processText } from './process-text.ts'
import { span } from './times.ts'

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
