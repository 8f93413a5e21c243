import type { CommandId, LogEntry, RecordedEvent, Revision } from '@holdfast/core'
import { readHistory, StoreError, type Head, type LogStore } from '@holdfast/store'
import { eventIdOf } from './event-id.ts'

/** Events that are read to find out whether a command was done. */
export const LOOK_BACK_EVENTS_MAX = 500_000

/** What the log has of a command. */
export interface EarlierEvents {
  /** Its events, in order. */
  readonly events: readonly RecordedEvent[]
  /** The last revision that was looked at. */
  readonly through: Head
}

/**
 * Reads history after a revision for the events of a command. Rejects as the store does, and with `timeout-unknown-outcome`
 * where there is too much of it: then nobody can say whether the command was done.
 */
export async function earlierEvents(
  { store, stream }: { readonly store: LogStore; readonly stream: string },
  commandId: CommandId,
  after: Head,
): Promise<EarlierEvents> {
  const events: RecordedEvent[] = []
  let through = after
  let looked = 0
  let wanted = eventIdOf(commandId, 0)
  const look = (entry: LogEntry): void => {
    if (entry.type === 'UNRECOGNISED' || entry.eventId !== wanted) return
    events.push(entry)
    wanted = eventIdOf(commandId, events.length)
  }
  for await (const entries of readHistory(store, stream, after === 'none' ? {} : { from: (after + 1) as Revision })) {
    entries.forEach(look)
    through = entries.at(-1)?.revision ?? through
    looked += entries.length
    if (looked > LOOK_BACK_EVENTS_MAX) throw tooFarBack(after)
  }
  return { events, through }
}

function tooFarBack(after: Head): StoreError {
  const message = `Whether this command was done is not known: more than ${LOOK_BACK_EVENTS_MAX} events follow revision ${after}. Read back what holds now.`
  return new StoreError('timeout-unknown-outcome', message)
}
