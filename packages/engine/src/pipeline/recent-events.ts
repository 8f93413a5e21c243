import type { LogEntry, Revision } from '@holdfast/core'
import type { Head } from '@holdfast/store'

/** Events that are remembered: what a busy server writes in some seconds. */
export const RECENT_EVENTS_MAX = 20_000

/**
 * The ids of the newest events of a log, as they were folded: tells whether a command that comes again has been done
 * before. Invariant: every event after `since` is remembered.
 */
export class RecentEvents {
  readonly #revisions = new Map<string, Revision>()
  #since: Head

  constructor(since: Head) {
    this.#since = since
  }

  /** Takes what is folded after `head`. Where the fold leaps over history, what was leapt over is not remembered. */
  note(head: Head, entries: readonly LogEntry[]): void {
    const next = head === 'none' ? null : head + 1
    for (const [index, entry] of entries.entries()) {
      const { revision } = entry
      if (index === 0 && next !== null && revision !== next) {
        this.#revisions.clear()
        this.#since = (revision - 1) as Revision
      }
      this.#revisions.set(entry.type === 'UNRECOGNISED' ? entry.raw.eventId : entry.eventId, revision)
    }
    for (const [id, revision] of this.#revisions) {
      if (this.#revisions.size <= RECENT_EVENTS_MAX) break
      this.#revisions.delete(id)
      this.#since = revision
    }
  }

  /** Whether all events after this revision are remembered. */
  coverAfter(revision: Head): boolean {
    if (this.#since === 'none') return true
    return revision !== 'none' && revision >= this.#since
  }

  has(eventId: string): boolean {
    return this.#revisions.has(eventId)
  }
}
