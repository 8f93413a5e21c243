import type { LogEntry } from '@holdfast/core'
import type { ReadOptions } from './port.ts'
import type { StreamTip } from './stream-tip.ts'

/** Entries in one batch of a read or subscription. */
export const READ_BATCH_MAX = 500

/** What a read needs of a store that can be read at any position. */
export interface PositionedStream {
  readonly tip: () => Promise<StreamTip>
  /** Position of the first event at or above a revision. */
  readonly positionFrom: (revision: number) => Promise<number>
  /** Entries at positions `from` to `to`, both inclusive; may give fewer, but only whole from the side it was asked. */
  readonly batch: (from: number, to: number, direction: 'forwards' | 'backwards') => Promise<readonly LogEntry[]>
}

/** Batches of a read: the events that were there when it began, in its direction, at most `limit`. */
export async function* readByPosition(
  { from, direction = 'forwards', limit = Infinity, signal }: ReadOptions,
  stream: PositionedStream,
): AsyncGenerator<readonly LogEntry[], void, undefined> {
  let { firstPosition, position: lastPosition } = await stream.tip()
  /** Nothing was there: a compaction may have taken it. Whether the log begins later now. */
  const wasCut = async (): Promise<boolean> => {
    const before = firstPosition
    firstPosition = (await stream.tip()).firstPosition
    return firstPosition > before
  }
  const aborted = (): boolean => signal?.aborted ?? false
  let left = limit
  if (direction === 'forwards') {
    let next = Math.max(firstPosition, from === undefined ? 0 : await stream.positionFrom(from))
    while (next <= lastPosition && left > 0 && !aborted()) {
      const entries = await stream.batch(
        next,
        Math.min(lastPosition, next + Math.min(left, READ_BATCH_MAX) - 1),
        direction,
      )
      if (entries.length === 0) {
        if (!(await wasCut())) return
        next = Math.max(next, firstPosition)
        lastPosition = Math.max(lastPosition, firstPosition)
        continue
      }
      next += entries.length
      left -= entries.length
      yield entries
    }
    return
  }
  let next = from === undefined ? lastPosition : Math.min(lastPosition, (await stream.positionFrom(from + 1)) - 1)
  while (next >= firstPosition && left > 0 && !aborted()) {
    const entries = await stream.batch(
      Math.max(firstPosition, next - Math.min(left, READ_BATCH_MAX) + 1),
      next,
      direction,
    )
    if (entries.length === 0) {
      if (!(await wasCut())) return
      continue
    }
    next -= entries.length
    left -= entries.length
    yield entries.toReversed()
  }
}
