import type { LogEntry, Revision } from '@holdfast/core'
import type { ChangeSignal } from './change-signal.ts'
import { StoreError } from './errors.ts'
import type { Head, SubscriptionItem } from './port.ts'
import { headOf, isBeyond, type StreamTip } from './stream-tip.ts'

const BEFORE_THE_LOG = -1

/** What a subscription needs of a store that can be read at any position. */
export interface ReadableStream {
  readonly tip: () => Promise<StreamTip>
  /** Position of the first event above a revision. */
  readonly positionAfter: (revision: Head) => Promise<number>
  /** Entries from a position on, at most one batch; empty only at the end. */
  readonly batch: (position: number) => Promise<readonly LogEntry[]>
  readonly changes: ChangeSignal
}

/**
 * History, then live, by reading again whenever something changed. Nothing is buffered: a slow consumer finds what it
 * missed in the store, so history and live cannot overlap or leave a gap.
 */
export async function* subscribeByReading(
  stream: ReadableStream,
  after: Head,
  signal: AbortSignal,
): AsyncGenerator<SubscriptionItem, void, undefined> {
  let tip = await stream.tip()
  if (isBeyond(tip, after)) throw behindThePresented(after, headOf(tip))
  let next = await stream.positionAfter(after)
  let last = after
  // At the log's beginning it takes a look at the first entry to know whether anything is missing before it.
  if (next <= tip.firstPosition && tip.firstPosition > 0) next = BEFORE_THE_LOG
  let caughtUp = false
  while (!signal.aborted) {
    const version = stream.changes.version
    tip = await stream.tip()
    if (next < tip.firstPosition) {
      const entries = await stream.batch(tip.firstPosition)
      const first = entries[0]
      if (first !== undefined) {
        const from = (last === 'none' ? 0 : last + 1) as Revision
        if (lastBefore(first) >= from) yield { kind: 'truncated', from, to: (first.revision - 1) as Revision }
        next = tip.firstPosition
      }
    }
    while (next <= tip.position && !signal.aborted) {
      const entries = await stream.batch(next)
      if (signal.aborted || entries.length === 0) break
      next += entries.length
      last = entries.at(-1)?.revision ?? last
      yield { kind: 'entries', entries }
    }
    if (signal.aborted) return
    if (next <= tip.position) continue
    if (!caughtUp) {
      caughtUp = true
      yield { kind: 'caught-up', head: headOf(tip) }
    }
    await stream.changes.changedSince(version, signal)
  }
}

/** The newest revision before the log's first entry: a CHECKPOINT says, since revisions may jump at it. */
function lastBefore(first: LogEntry): number {
  return first.type === 'CHECKPOINT' ? first.data.throughRevision : first.revision - 1
}

/** The caller has seen what the store no longer holds. */
export function behindThePresented(presented: Head, head: Head): StoreError {
  const message = `The store ends at revision ${head}, but revision ${presented} was read from it before: it was rolled back. Restore it with \`holdfast restore\`.`
  return new StoreError('corrupt', message, { detail: 'rolled-back' })
}
