import type { LogEntry, Revision } from '@holdfast/core'
import type { Head } from '@holdfast/store'
import { BOOT_STEP_MS } from '@holdfast/store/internal'
import type { Sender } from './sender.ts'

/** Events that are remembered: what a busy server writes in some seconds. */
export const RECENT_EVENTS_MAX = 20_000

/** How often it is marked what stood in the log at an instant, and how many marks are kept: those of some seconds. */
const MARK_EVERY_MS = 100
const MARKS_MAX = 100

/** That everything through a revision stood in the log at an instant of the boot clock. */
interface Mark {
  readonly bootMs: number
  readonly through: Head
}

const NO_MARK: Mark = { bootMs: Number.POSITIVE_INFINITY, through: 'none' }

/**
 * The ids of the newest events of a log, as they were folded: tells whether a command that comes again has been done
 * before. Invariant: every event after `since` is remembered.
 */
export class RecentEvents {
  readonly #revisions = new Map<string, Revision>()
  readonly #marks: Mark[] = []
  #newest: Mark = NO_MARK
  #since: Head

  constructor(since: Head) {
    this.#since = since
  }

  /** Notes that everything through a revision has been read by now. */
  mark(through: Head, nowBootMs: number): void {
    const last = this.#marks.at(-1)
    if (last !== undefined && nowBootMs - last.bootMs >= MARK_EVERY_MS) this.#marks.push(this.#newest)
    if (this.#marks.length > MARKS_MAX) this.#marks.shift()
    this.#newest = { bootMs: nowBootMs, through }
    if (last === undefined) this.#marks.push(this.#newest)
  }

  /** The newest revision that is known to have stood in the log before a command was first sent. */
  before({ sentAfter, sentAtBootMs }: Sender): Head | undefined {
    if (sentAfter === undefined || sentAtBootMs === undefined) return sentAfter
    // A reading is up to one step older than it looks.
    const isBefore = ({ bootMs }: Mark): boolean => bootMs + BOOT_STEP_MS <= sentAtBootMs
    const { through: stood } = isBefore(this.#newest) ? this.#newest : (this.#marks.findLast(isBefore) ?? NO_MARK)
    return stood !== 'none' && (sentAfter === 'none' || stood > sentAfter) ? stood : sentAfter
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
