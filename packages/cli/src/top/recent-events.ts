import type { LogEntry } from '@holdfast/core'
import type { Refusals } from './snapshot.ts'

/** Refusals are counted over this span. */
export const COUNTED_MS = 60 * 60_000

/** Events that are kept to be shown. */
export const EVENTS_KEPT = 100

/** Refusals that are counted; of more it is said that they are not all. */
const REFUSALS_COUNTED_MAX = 100_000

/** The newest events of a ledger, plain beats left out, and how many requests it refused of late. */
export class RecentEvents {
  #events: LogEntry[] = []
  #refusedAtMs: number[] = []
  #newest = -1
  /** From when on no refusal is missing. */
  #wholeSinceMs = Number.NEGATIVE_INFINITY

  /** The newest revision that was taken. */
  get newest(): number {
    return this.#newest
  }

  /** Takes entries in the order of the log; what was taken before changes nothing. */
  take(entries: readonly LogEntry[]): void {
    const fresh = entries.filter(({ revision }) => revision > this.#newest)
    this.#newest = fresh.at(-1)?.revision ?? this.#newest
    this.#events = [...this.#events, ...fresh.filter(isTold)].slice(-EVENTS_KEPT)
    for (const entry of fresh) if (isRefusal(entry)) this.#refusedAtMs.push(entry.recordedAt)
    const tooMany = this.#refusedAtMs.length - REFUSALS_COUNTED_MAX
    if (tooMany > 0) this.lacksBefore(this.#refusedAtMs.splice(0, tooMany).at(-1) ?? 0)
  }

  /** Notes that what is older was not read. */
  lacksBefore(atMs: number): void {
    this.#wholeSinceMs = Math.max(this.#wholeSinceMs, atMs)
  }

  /** Oldest first. */
  get events(): readonly LogEntry[] {
    return this.#events
  }

  /** Those of the last hour. */
  refused(nowMs: number): Refusals {
    const sinceMs = nowMs - COUNTED_MS
    const first = this.#refusedAtMs.findIndex(atMs => atMs >= sinceMs)
    this.#refusedAtMs = first === -1 ? [] : this.#refusedAtMs.slice(first)
    return { count: this.#refusedAtMs.length, isWhole: this.#wholeSinceMs <= sinceMs }
  }
}

/** A beat that says nothing but that its holder is there would push everything else out of sight. */
export function isTold(entry: LogEntry): boolean {
  if (entry.type !== 'HEARTBEAT') return true
  const { activity, exit, children } = entry.data
  return activity !== undefined || exit !== undefined || children !== undefined
}

/** Giving up a place in line is recorded as a refusal too, and is none. */
function isRefusal(entry: LogEntry): boolean {
  return entry.type === 'REFUSE' && entry.data.code !== 'withdrawn'
}
