import { evolve, initialState, type EventId, type LedgerState, type LogEntry } from '@holdfast/core'
import type { Head } from '@holdfast/store'

/** A ledger's state and how far into its log it reaches: what a one-shot query and a command pipeline both start from. */
export class LedgerFold {
  #state: LedgerState
  #lastEventId: EventId | null
  #uncached = 0

  constructor(state: LedgerState = initialState(), lastEventId: EventId | null = null) {
    this.#state = state
    this.#lastEventId = lastEventId
  }

  /** Belongs to this fold; fork it to keep it. */
  get state(): LedgerState {
    return this.#state
  }

  /** Id of the newest event folded; `null` when there is none or it could not be read. */
  get lastEventId(): EventId | null {
    return this.#lastEventId
  }

  /** The last revision folded. */
  get after(): Head {
    return this.#state.head === -1 ? 'none' : this.#state.head
  }

  /** How many entries were folded since this fold came from the cache, or was written to it. */
  get uncached(): number {
    return this.#uncached
  }

  /** Notes that the cache holds it as it is now. */
  noteCached(): void {
    this.#uncached = 0
  }

  /** Folds what follows; entries that were folded before change nothing. */
  absorb(entries: Iterable<LogEntry>): void {
    for (const entry of entries) {
      if (entry.revision <= this.#state.head) continue
      this.#state = evolve(this.#state, entry)
      this.#lastEventId = entry.type === 'UNRECOGNISED' ? null : entry.eventId
      this.#uncached += 1
    }
  }
}
