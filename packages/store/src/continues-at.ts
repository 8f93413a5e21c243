import { StoreError } from './errors.ts'
import type { SubscriptionItem } from './port.ts'

/** The ledger of a store goes on in another one: nothing that is said here is true any more. */
export function continuesAt(url: string, movedTo: string): StoreError {
  const message = `The ledger at ${url} continues at ${movedTo}; name that store with --store or HOLDFAST_STORE.`
  return new StoreError('moved', message)
}

/**
 * Notices, while a log is followed, that its ledger goes on in another store. Where it came from another store, its
 * history holds a CHECKPOINT that says so too: the newest one counts, once all that was recorded is read.
 */
export class GoesOn {
  readonly #url: string
  #movedTo: string | null = null
  #isLive = false

  constructor(url: string) {
    this.#url = url
  }

  /** What to end with; `null` while it goes on here. */
  elsewhere(item: SubscriptionItem): StoreError | null {
    if (item.kind === 'caught-up') this.#isLive = true
    if (item.kind === 'entries') {
      for (const entry of item.entries) if (entry.type === 'CHECKPOINT') this.#movedTo = entry.data.movedTo ?? null
    }
    return this.#isLive && this.#movedTo !== null ? continuesAt(this.#url, this.#movedTo) : null
  }
}
