import type { LogEntry } from '@holdfast/core'
import type { LogStore, SubscriptionItem } from '@holdfast/store'
import { concatMap, EMPTY, from, throwError, type Observable } from 'rxjs'
import { follow$, type FollowOptions } from './follow.ts'
import { HistoryTruncated } from './history-truncated.ts'

/**
 * A ledger's entries after `after`: history, then live, one by one, no gap and no duplicate; what this code cannot read
 * comes as `UNRECOGNISED`.
 *
 * Errors with `HistoryTruncated` where the log no longer holds what comes next, because a fold that silently lacks
 * entries would be wrong; with a `StoreError` when the store fails. Unsubscribing frees the store's subscription at once.
 */
export function events$(store: LogStore, stream: string, options: FollowOptions = {}): Observable<LogEntry> {
  return follow$(store, stream, options).pipe(concatMap(entriesOf))
}

function entriesOf(item: SubscriptionItem): Observable<LogEntry> {
  switch (item.kind) {
    case 'entries':
      return from(item.entries)
    case 'truncated':
      return throwError(() => new HistoryTruncated(item))
    case 'caught-up':
      return EMPTY
  }
}
