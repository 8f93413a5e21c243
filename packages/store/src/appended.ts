import type { EpochMs, Revision } from '@holdfast/core'
import type { AppendResult } from './port.ts'

/** The answer for events that stand in the log in one piece; throws for none. */
export function appended(
  events: readonly { readonly revision: number; readonly recordedAtMs: number }[],
): Extract<AppendResult, { outcome: 'appended' }> {
  const [first] = events
  const last = events.at(-1)
  if (first === undefined || last === undefined) throw new Error('an append placed no event')
  const times = events.map(({ recordedAtMs }) => recordedAtMs as EpochMs)
  return {
    outcome: 'appended',
    first: first.revision as Revision,
    last: last.revision as Revision,
    recordedAt: last.recordedAtMs as EpochMs,
    // Times never go back, so when the first and the last agree all do.
    ...(first.recordedAtMs === last.recordedAtMs ? {} : { times }),
  }
}
