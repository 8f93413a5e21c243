import type { CommandId, LogEntry, RecordedEvent, Revision } from '@holdfast/core'
import { readHistory, StoreError, type Head, type LogStore } from '@holdfast/store'
import { eventIdOf } from './event-id.ts'

/** Events that are read to find out whether a command was done. */
export const LOOK_BACK_EVENTS_MAX = 500_000

interface Log {
  readonly store: LogStore
  readonly stream: string
}

/** What the log has of a command. */
export interface EarlierEvents {
  /** Its events, in order. */
  readonly events: readonly RecordedEvent[]
  /** Whether the lease whose RELEASE is among them had been taken from its holder before: it ended only its draining. */
  readonly wasTaken: boolean
  /** The last revision that was looked at. */
  readonly through: Head
}

/**
 * Reads history after a revision for the events of a command. Rejects as the store does, and with `timeout-unknown-outcome`
 * where there is too much of it, or a part of it is kept no longer: then nobody can say whether the command was done.
 */
export async function earlierEvents({ store, stream }: Log, commandId: CommandId, after: Head): Promise<EarlierEvents> {
  const events: RecordedEvent[] = []
  let through = after
  let looked = 0
  let wanted = eventIdOf(commandId, 0)
  const look = (entry: LogEntry): void => {
    if (entry.type === 'UNRECOGNISED' || entry.eventId !== wanted) return
    events.push(entry)
    wanted = eventIdOf(commandId, events.length)
  }
  for await (const entries of unbroken({ store, stream }, after)) {
    entries.forEach(look)
    through = entries.at(-1)?.revision ?? through
    looked += entries.length
    if (looked > LOOK_BACK_EVENTS_MAX) throw tooFarBack(after)
  }
  const [event] = events
  const wasTaken = event?.type === 'RELEASE' && (await takenBefore({ store, stream }, event))
  return { events, wasTaken, through }
}

/** Whether a forced end or an adoption stands between the token that a RELEASE names and the RELEASE. */
async function takenBefore(log: Log, { data: { token }, revision }: RecordedEvent<'RELEASE'>): Promise<boolean> {
  if (token === null) return false
  let looked = 0
  for await (const entries of unbroken(log, token as number as Revision)) {
    for (const entry of entries) {
      if (entry.revision >= revision) return false
      if (entry.type === 'SCAVENGE' && entry.data.token === token) return true
      if (entry.type === 'ADOPT' && entry.data.previousToken === token) return true
    }
    looked += entries.length
    if (looked > LOOK_BACK_EVENTS_MAX) throw tooFarBack(token as number as Revision)
  }
  return false
}

/** History after a revision. Rejects with `timeout-unknown-outcome` where a part of it is kept no longer. */
async function* unbroken({ store, stream }: Log, after: Head): AsyncGenerator<readonly LogEntry[], void, undefined> {
  let last = after === 'none' ? -1 : after
  for await (const entries of readHistory(store, stream, { from: (last + 1) as Revision })) {
    const [first] = entries
    if (first !== undefined && lastBefore(first) > last) throw notKept(after)
    yield entries
    last = entries.at(-1)?.revision ?? last
  }
}

/** The newest revision before an entry: a CHECKPOINT says, since revisions jump at one after a restore or a move. */
function lastBefore(entry: LogEntry): number {
  return entry.type === 'CHECKPOINT' ? entry.data.throughRevision : entry.revision - 1
}

function tooFarBack(after: Head): StoreError {
  const message = `Whether this command was done is not known: more than ${LOOK_BACK_EVENTS_MAX} events follow revision ${after}. Read back what holds now.`
  return new StoreError('timeout-unknown-outcome', message)
}

function notKept(after: Head): StoreError {
  const message = `Whether this command was done is not known: a part of what follows revision ${after} was dropped from the archive. Read back what holds now.`
  return new StoreError('timeout-unknown-outcome', message)
}
