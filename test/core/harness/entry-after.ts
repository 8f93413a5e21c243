import { parseEntry, type LogEntry, type RawEntry } from '@holdfast/core'
import { nextEventId } from './alphabet.ts'
import type { CoreLedger } from './core-ledger.ts'

/** The entry that a log would give back at the first free revision: a plain beat, but for the fields given. */
export function entryAfter({ state }: CoreLedger, fields: Partial<RawEntry>): LogEntry {
  return parseEntry({
    eventId: nextEventId(),
    revision: state.head + 1,
    recordedAt: state.clockMs,
    type: 'HEARTBEAT',
    schemaVersion: 1,
    actor: null,
    data: {},
    ...fields,
  })
}
