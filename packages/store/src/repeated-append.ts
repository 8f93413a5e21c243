import { appended } from './appended.ts'
import type { EncodedEvent } from './encode-event.ts'
import type { AppendResult, ExpectedHead } from './port.ts'
import type { StoredEvent } from './stored-event.ts'

/** How to find in a stream what an earlier append of the same events wrote. */
export interface AppendHistory {
  readonly newestPositionOf: (eventId: string) => number | undefined
  /** Position of the first event above a revision. */
  readonly positionAfter: (revision: number) => number
  readonly firstPosition: number
  readonly events: (
    position: number,
    count: number,
  ) => readonly Pick<StoredEvent, 'eventId' | 'revision' | 'recordedAtMs'>[]
}

/**
 * The answer of the same append made before, if its events stand in one piece where they were expected. `any` looks
 * for them wherever they are.
 */
export function earlierAppend(
  events: readonly EncodedEvent[],
  expected: ExpectedHead,
  history: AppendHistory,
): AppendResult | undefined {
  const position = placeOf(events, expected, history)
  if (position === undefined) return undefined
  const stored = history.events(position, events.length)
  const same =
    stored.length === events.length && stored.every((event, index) => event.eventId === events[index]?.eventId)
  return same && stored.length > 0 ? appended(stored) : undefined
}

function placeOf(events: readonly EncodedEvent[], expected: ExpectedHead, history: AppendHistory): number | undefined {
  if (expected === 'none') return history.firstPosition === 0 ? 0 : undefined
  if (expected !== 'any') return history.positionAfter(expected)
  const first = events[0]
  return first === undefined ? undefined : history.newestPositionOf(first.eventId)
}
