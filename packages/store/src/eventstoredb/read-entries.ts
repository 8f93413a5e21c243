import type { LogEntry } from '@holdfast/core'
import type { ReadOptions } from '../port.ts'
import { PAGE_MAX, type LedgerStream } from './ledger-stream.ts'
import type { EntryAtPoint, StreamPoint } from './stream-point.ts'

/**
 * Batches of a read: the events that were there when it began, in its direction, at most `limit`. `seen` spares the look
 * at the stream's end to a caller that has just taken it.
 */
export async function* readEntries(
  stream: LedgerStream,
  { from, direction = 'forwards', limit = Infinity, signal }: ReadOptions = {},
  seen?: StreamPoint,
): AsyncGenerator<readonly LogEntry[], void, undefined> {
  const aborted = (): boolean => signal?.aborted ?? false
  if (limit <= 0 || aborted()) return
  const tip = seen ?? (await stream.tip())
  if (tip.position < 0) return
  let left = limit
  let before: StreamPoint | undefined
  const backwards = direction === 'backwards'
  let next = await firstPosition(stream, tip, { from, backwards })
  while (left > 0 && next >= 0 && next <= tip.position && !aborted()) {
    const count = Math.min(left, PAGE_MAX)
    const page: readonly EntryAtPoint[] = backwards
      ? await stream.pageBack(next, count)
      : await stream.page(next, { count, before })
    const last = page.at(-1)
    if (last === undefined || aborted()) return
    before = last.point
    next = backwards ? last.point.position - 1 : last.point.position + 1
    left -= page.length
    yield page.map(({ entry }) => entry)
  }
}

async function firstPosition(
  stream: LedgerStream,
  tip: StreamPoint,
  { from, backwards }: { readonly from: number | undefined; readonly backwards: boolean },
): Promise<number> {
  if (!backwards) return from === undefined ? 0 : from > tip.revision ? tip.position + 1 : stream.positionFrom(from)
  if (from === undefined || from >= tip.revision) return tip.position
  return (await stream.positionFrom(from + 1)) - 1
}
