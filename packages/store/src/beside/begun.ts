import type { LogEntry } from '@holdfast/core'
import type { Head, LogStore } from '../port.ts'
import { withState } from './read-state.ts'
import { isBeside } from './side-state.ts'

/**
 * Follows what somebody is given, one read after the other, and knows where he begins: at a CHECKPOINT whose past he was
 * not given. There he needs its state.
 */
export class Begun {
  /** The newest revision given; `null`: whatever comes is a beginning. */
  #last: number | null

  constructor(last: number | null) {
    this.#last = last
  }

  static after(head: Head): Begun {
    return new Begun(head === 'none' ? -1 : head)
  }

  get head(): Head {
    return this.#last === null || this.#last < 0 ? 'none' : (this.#last as Head)
  }

  /** History before what comes next was not given. */
  leap(): void {
    this.#last = null
  }

  /** Index of the first entry that is given without its past, and whose state lies beside it; -1 when there is none. */
  needsState(entries: readonly LogEntry[]): number {
    return entries.findIndex((entry, index) => {
      const before = index === 0 ? this.#last : (entries[index - 1]?.revision ?? null)
      return isBeside(entry) && entry.data.throughRevision !== before
    })
  }

  gave(entries: readonly LogEntry[]): void {
    this.#last = entries.at(-1)?.revision ?? this.#last
  }

  /** The entries, with the states that are needed, if they are sealed. */
  async whole(store: Pick<LogStore, 'read'>, entries: readonly LogEntry[]): Promise<readonly LogEntry[]> {
    const at = this.needsState(entries)
    this.gave(entries)
    const needy = entries[at]
    if (!isBeside(needy)) return entries
    return entries.with(at, (await withState(store, needy)) ?? needy)
  }
}
