import { StoreError, type LogStore } from '@holdfast/store'

/** An import takes a ledger that is not there yet. Rejects with `invalid` for any other. */
export async function mustBeEmpty(store: LogStore, stream: string): Promise<void> {
  const head = await store.head(stream)
  if (head === 'none') return
  const message = `The ledger ${JSON.stringify(stream)} at ${store.url} is not empty (it ends at revision ${head}). Import into a new one.`
  throw new StoreError('invalid', message)
}
