import type { LogStore } from './port.ts'

type Counted = Pick<LogStore, 'head' | 'latestCheckpoint' | 'archive'>

/**
 * How many entries `readHistory` gives as things stand, without reading them: positions have no gap, and the newest
 * CHECKPOINT says how far revisions lie above them. A measure for people who wait: what others write meanwhile is not
 * in it. 0 where there is no such stream. Rejects as the store does.
 */
export async function historyLength(store: Counted, stream: string): Promise<number> {
  const head = await store.head(stream)
  if (head === 'none') return 0
  const checkpoint = await store.latestCheckpoint(stream)
  const { dropped } = await store.archive(stream)
  const position = head - (checkpoint?.data.offset ?? 0)
  return Math.max(0, position + 1 - (dropped?.events ?? 0))
}
