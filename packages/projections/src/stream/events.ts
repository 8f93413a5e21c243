import type { LogEntry } from '@holdfast/core'
import type { LogStore, SubscriptionItem } from '@holdfast/store'
import { GoesOn } from '@holdfast/store/internal'
import { concat, concatMap, defer, EMPTY, from, throwError, type Observable } from 'rxjs'
import { followHistory$, type FollowOptions } from './follow.ts'
import { HistoryTruncated } from './history-truncated.ts'

/**
 * A ledger's entries after `after`: history, archive and log as one, then live; one by one, no gap and no duplicate. What
 * this code cannot read comes as `UNRECOGNISED`.
 *
 * Errors with `HistoryTruncated` where what comes next was dropped from the archive, because a fold that silently lacks
 * entries would be wrong; with a `StoreError` when the store fails, and (`moved`) behind the last entry of a ledger that
 * continues elsewhere. Unsubscribing frees the store's subscription at once.
 */
export function events$(store: LogStore, stream: string, options: FollowOptions = {}): Observable<LogEntry> {
  return defer(() => {
    const goesOn = new GoesOn(store.url)
    return followHistory$(store, stream, options).pipe(
      concatMap(item => {
        const ending = goesOn.elsewhere(item)
        return ending === null
          ? entriesOf(item)
          : concat(
              entriesOf(item),
              throwError(() => ending),
            )
      }),
    )
  })
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
