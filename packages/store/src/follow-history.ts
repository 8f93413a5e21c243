import type { LogEntry, Revision } from '@holdfast/core'
import type { Head, LogStore, SubscriptionItem } from './port.ts'

type Source = Pick<LogStore, 'subscribe' | 'readArchive' | 'archive'>

/**
 * A subscription that does not end at a compaction: what left the log is given from the archive, in its place, no gap
 * and no duplicate. `truncated` is then only what was dropped from the archive for good, or was never in this store.
 * Ends without an error when `signal` aborts; rejects as the store does.
 */
export async function* followHistory(
  store: Source,
  stream: string,
  after: Head,
  { signal }: { readonly signal: AbortSignal },
): AsyncGenerator<SubscriptionItem, void, undefined> {
  const cursor: Cursor = { last: after === 'none' ? -1 : after }
  for await (const item of store.subscribe(stream, after, { signal })) {
    if (item.kind === 'truncated') yield* fromArchive(store, stream, { cursor, to: item.to, signal })
    else yield item
    if (item.kind === 'entries') cursor.last = item.entries.at(-1)?.revision ?? cursor.last
  }
}

interface Cursor {
  /** The newest revision that was given, or said to be gone. */
  last: number
}

async function* fromArchive(
  store: Source,
  stream: string,
  { cursor, to, signal }: { readonly cursor: Cursor; readonly to: Revision; readonly signal: AbortSignal },
): AsyncGenerator<SubscriptionItem, void, undefined> {
  const begun = cursor.last
  for await (const archived of store.readArchive(stream, { from: (begun + 1) as Revision, signal })) {
    // What a later compaction has brought there is announced by an item of its own.
    const entries = archived.filter(({ revision }) => revision <= to)
    const [first] = entries
    if (first === undefined) break
    const missingTo = lastBefore(first)
    if (missingTo > cursor.last) yield missing(cursor, missingTo)
    cursor.last = entries.at(-1)?.revision ?? cursor.last
    yield { kind: 'entries', entries }
    if (entries.length < archived.length) break
  }
  if (signal.aborted) return
  const { dropped } = await store.archive(stream)
  const isGone = cursor.last === begun || (dropped !== null && dropped.to > cursor.last)
  if (isGone && cursor.last < to) yield missing(cursor, to)
}

function missing(cursor: Cursor, to: number): SubscriptionItem {
  const from = cursor.last + 1
  cursor.last = to
  return { kind: 'truncated', from: from as Revision, to: to as Revision }
}

/** The newest revision before an entry: a CHECKPOINT says, since revisions may jump at it. */
function lastBefore(entry: LogEntry): number {
  return entry.type === 'CHECKPOINT' ? entry.data.throughRevision : entry.revision - 1
}
