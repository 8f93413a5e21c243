import type { LogEntry, Revision } from '@holdfast/core'
import { readHistory, type LogStore } from '@holdfast/store'

/** The entries at these revisions, oldest first, without those that are not there. Rejects as the store does. */
export async function entriesAt(
  store: LogStore,
  stream: string,
  revisions: readonly Revision[],
): Promise<readonly LogEntry[]> {
  const wanted = [...new Set(revisions)].sort((a, b) => a - b)
  const last = wanted.at(-1)
  if (last === undefined) return []
  const found: LogEntry[] = []
  if (store.past !== undefined) {
    for await (const entries of store.past.at(stream, wanted)) found.push(...entries)
    return found
  }
  const isWanted = new Set(wanted)
  for await (const entries of readHistory(store, stream, { from: wanted[0] })) {
    found.push(...entries.filter(({ revision }) => isWanted.has(revision)))
    if ((entries.at(-1)?.revision ?? -1) >= last) break
  }
  return found
}
