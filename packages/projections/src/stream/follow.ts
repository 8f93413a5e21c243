import { followHistory, type Head, type LogStore, type SubscriptionItem } from '@holdfast/store'
import { Observable, type Subscriber } from 'rxjs'

export interface FollowOptions {
  /** The last revision that the subscriber has; default `none`: everything. */
  readonly after?: Head | undefined
}

/**
 * What a store's subscription says, item by item: batches of history, `caught-up` once, then live batches; no gap, no
 * duplicate. Each subscriber has a subscription of its own, taken up when it subscribes.
 *
 * Unsubscribing frees the store's subscription at once, also while nothing happens. (RxJS's own
 * `from(asyncIterable)` would wait for the next event to do so.) Errors are the store's: `StoreError`. It completes only
 * when the store ends the subscription by itself. RxJS has no back-pressure: what a slow consumer is given waits in memory.
 */
export function follow$(store: LogStore, stream: string, options: FollowOptions = {}): Observable<SubscriptionItem> {
  return fromItems$(signal => store.subscribe(stream, options.after ?? 'none', { signal }))
}

/** The same with the archive in place of what was compacted: `truncated` is only what is gone for good. */
export function followHistory$(
  store: LogStore,
  stream: string,
  options: FollowOptions = {},
): Observable<SubscriptionItem> {
  return fromItems$(signal => followHistory(store, stream, options.after ?? 'none', { signal }))
}

function fromItems$(items: (signal: AbortSignal) => AsyncIterable<SubscriptionItem>): Observable<SubscriptionItem> {
  return new Observable(subscriber => {
    const ending = new AbortController()
    void pump(items(ending.signal), subscriber)
    return () => ending.abort()
  })
}

async function pump(items: AsyncIterable<SubscriptionItem>, subscriber: Subscriber<SubscriptionItem>): Promise<void> {
  try {
    for await (const item of items) {
      if (subscriber.closed) return
      subscriber.next(item)
    }
    subscriber.complete()
  } catch (error) {
    // After an unsubscription nobody is left to be told, and RxJS would report it as unhandled.
    if (!subscriber.closed) subscriber.error(error)
  }
}
