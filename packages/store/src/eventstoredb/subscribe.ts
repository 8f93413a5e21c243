import type { Revision } from '@holdfast/core'
import { StoreError } from '../errors.ts'
import type { Head, SubscriptionItem } from '../port.ts'
import { behindThePresented } from '../subscribe-by-reading.ts'
import { Backoff } from './backoff.ts'
import type { ChangeWatch } from './change-watch.ts'
import type { LedgerStream } from './ledger-stream.ts'
import { headOf, type StreamPoint } from './stream-point.ts'

export interface SubscribeOptions {
  readonly stream: LedgerStream
  readonly watch: ChangeWatch
  readonly after: Head
  readonly signal: AbortSignal
  /** How long the server may be out of reach before the subscription gives up. */
  readonly patienceMs: number
}

/**
 * History, then live, by reading again whenever something changed. It goes on after the last revision that it gave, so
 * broken lines, new leaders and slow consumers cost no entry and repeat none.
 */
export async function* subscribe(options: SubscribeOptions): AsyncGenerator<SubscriptionItem, void, undefined> {
  const { stream, watch, after, signal } = options
  if (signal.aborted) return
  const stopListening = watch.listen()
  try {
    let tip = await ridingOut(options, () => stream.tip())
    if (after !== 'none' && after > tip.revision) throw behindThePresented(after, headOf(tip))
    let next = after === 'none' ? 0 : await ridingOut(options, () => stream.positionFrom(after + 1))
    let before: StreamPoint | undefined
    let last = after
    let caughtUp = false
    for (;;) {
      const { version } = watch.changes
      if (caughtUp) tip = await ridingOut(options, () => stream.tip())
      while (next <= tip.position && !signal.aborted) {
        const placed = await ridingOut(options, () => stream.page(next, { before }))
        const [first] = placed
        if (first === undefined || signal.aborted) break
        const from = (last === 'none' ? 0 : last + 1) as Revision
        if (first.point.position > next) {
          yield { kind: 'truncated', from, to: (first.point.revision - 1) as Revision }
        }
        before = placed.at(-1)?.point ?? before
        next = (before?.position ?? next) + 1
        last = (before?.revision ?? last) as Revision
        yield { kind: 'entries', entries: placed.map(({ entry }) => entry) }
      }
      if (signal.aborted) return
      if (!caughtUp) {
        caughtUp = true
        yield { kind: 'caught-up', head: headOf(tip) }
        continue
      }
      await watch.changes.changedSince(version, signal)
      if (signal.aborted) return
    }
  } finally {
    stopListening()
  }
}

/** Reads again while the server is merely out of reach, as long as backoff lasts. */
async function ridingOut<T>({ signal, patienceMs }: SubscribeOptions, read: () => Promise<T>): Promise<T> {
  const backoff = new Backoff(patienceMs, signal)
  for (;;) {
    try {
      return await read()
    } catch (error) {
      const passing = error instanceof StoreError && error.code === 'unavailable'
      if (!passing || !(await backoff.again())) throw error
    }
  }
}
