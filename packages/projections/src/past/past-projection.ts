import type { EpochMs, LogEntry } from '@holdfast/core'
import type { Projection } from '../projection.ts'

/** A fold of the whole past, and how far it reaches: an entry that comes again changes nothing (law 9). */
export interface Past<T> {
  head: number
  readonly value: T
}

/**
 * A view of everything that ever happened: it folds archive and log as one history (law 2b), and a CHECKPOINT says
 * nothing to it. `take` changes the value in place.
 */
export function pastProjection<T, V>(parts: {
  readonly name: string
  readonly initial: () => T
  readonly take: (value: T, entry: LogEntry) => void
  readonly view: (value: T, nowMs: EpochMs) => V
}): Projection<Past<T>, V> {
  return {
    name: parts.name,
    basis: 'past',
    initial: () => ({ head: -1, value: parts.initial() }),
    evolve: (past, entry) => {
      if (entry.revision <= past.head) return past
      const next = past
      next.head = entry.revision
      parts.take(next.value, entry)
      return next
    },
    view: ({ value }, nowMs) => parts.view(value, nowMs),
  }
}
