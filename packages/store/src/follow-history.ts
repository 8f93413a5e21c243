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
  const place: Place = { last: after === 'none' ? -1 : after }
  for await (const item of store.subscribe(stream, after, { signal })) {
    if (item.kind === 'truncated') yield* fromArchive(store, stream, { place, to: item.to, signal })
    else yield item
    if (item.kind === 'entries') place.last = item.entries.at(-1)?.revision ?? place.last
  }
}

interface Place {
  /** The newest revision that was given, or said to be gone. */
  last: number
}

async function* fromArchive(
  store: Source,
  stream: string,
  { place, to, signal }: { readonly place: Place; readonly to: Revision; readonly signal: AbortSignal },
): AsyncGenerator<SubscriptionItem, void, undefined> {
  const begun = place.last
  for await (const archived of store.readArchive(stream, { from: (begun + 1) as Revision, signal })) {
    // What a later compaction has brought there is announced by an item of its own.
    const entries = archived.filter(({ revision }) => revision <= to)
    const [first] = entries
    if (first === undefined) break
    const missingTo = lastBefore(first)
    if (missingTo > place.last) yield missing(place, missingTo)
    place.last = entries.at(-1)?.revision ?? place.last
    yield { kind: 'entries', entries }
    if (entries.length < archived.length) break
  }
  if (signal.aborted) return
  const { dropped } = await store.archive(stream)
  const isGone = place.last === begun || (dropped !== null && dropped.to > place.last)
  if (isGone && place.last < to) yield missing(place, to)
}

function missing(place: Place, to: number): SubscriptionItem {
  const from = place.last + 1
  place.last = to
  return { kind: 'truncated', from: from as Revision, to: to as Revision }
}

/** The newest revision before an entry: a CHECKPOINT says, since revisions may jump at it. */
function lastBefore(entry: LogEntry): number {
  return entry.type === 'CHECKPOINT' ? entry.data.throughRevision : entry.revision - 1
}
