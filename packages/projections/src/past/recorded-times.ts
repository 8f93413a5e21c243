import type { EpochMs, Revision } from '@holdfast/core'
import { readHistory, type LogStore } from '@holdfast/store'

/** When these revisions were written; one is missing where it was dropped from the archive. Rejects as the store does. */
export async function recordedTimes(
  store: LogStore,
  stream: string,
  revisions: readonly Revision[],
): Promise<ReadonlyMap<Revision, EpochMs>> {
  const times = new Map<Revision, EpochMs>()
  if (revisions.length === 0) return times
  const wanted = new Set(revisions)
  const from = Math.min(...revisions) as Revision
  const last = Math.max(...revisions)
  for await (const entries of readHistory(store, stream, { from })) {
    for (const { revision, recordedAt } of entries) if (wanted.has(revision)) times.set(revision, recordedAt)
    if ((entries.at(-1)?.revision ?? -1) >= last) break
  }
  return times
}
