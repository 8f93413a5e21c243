import type { EpochMs, Revision } from '@holdfast/core'
import type { LogStore } from '@holdfast/store'
import { entriesAt } from './entries-at.ts'

/** When these revisions were written; one is missing where it was dropped from the archive. Rejects as the store does. */
export async function recordedTimes(
  store: LogStore,
  stream: string,
  revisions: readonly Revision[],
): Promise<ReadonlyMap<Revision, EpochMs>> {
  const entries = await entriesAt(store, stream, revisions)
  return new Map(entries.map(({ revision, recordedAt }) => [revision, recordedAt]))
}
