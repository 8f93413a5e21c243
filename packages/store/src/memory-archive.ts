import type { EpochMs, Revision } from '@holdfast/core'
import { storedBytes } from './encode-event.ts'
import { StoreError } from './errors.ts'
import type { MemoryStream } from './memory-log.ts'
import type { ArchiveSummary, CompactResult, HistorySpan } from './port.ts'
import type { StoredEvent } from './stored-event.ts'

/** Cuts a stream at its CHECKPOINT of this revision; a cut that was made already changes nothing. */
export function compactInMemory(at: MemoryStream, checkpoint: Revision): CompactResult {
  const eventsBefore = at.tip.position - at.tip.firstPosition + 1
  const cut = at.archivedPositionFrom(checkpoint)
  const event = at.events[cut]
  if (event?.revision !== checkpoint || event.type !== 'CHECKPOINT') throw noCheckpoint(checkpoint)
  if (cut <= at.tip.firstPosition) return { eventsBefore, eventsAfter: eventsBefore, bytesReclaimed: 0 }
  const leaving = at.events.slice(at.tip.firstPosition, cut)
  at.tip = { ...at.tip, firstPosition: cut }
  return { eventsBefore, eventsAfter: eventsBefore - leaving.length, bytesReclaimed: bytesOf(leaving) }
}

/** Nothing stands at that revision that a log could begin with. */
export function noCheckpoint(revision: number): StoreError {
  return new StoreError('invalid', `There is no CHECKPOINT at revision ${revision}: a log can only be cut at one.`)
}

export function archiveSummary({ events, archiveFirst, tip }: MemoryStream): ArchiveSummary {
  const held = events.slice(archiveFirst, tip.firstPosition)
  return { held: spanOf(held), dropped: spanOf(events.slice(0, archiveFirst)), bytes: bytesOf(held) }
}

/** Forgets what lies before the last CHECKPOINT of the archive (or the log's first) that everything older precedes. */
export function dropInMemory(at: MemoryStream, beforeMs: EpochMs): void {
  for (let position = at.tip.firstPosition; position > at.archiveFirst; position -= 1) {
    const newest = at.events[position - 1]
    if (at.events[position]?.type !== 'CHECKPOINT' || newest === undefined || newest.recordedAtMs >= beforeMs) continue
    at.archiveFirst = position
    return
  }
}

function spanOf(events: readonly StoredEvent[]): HistorySpan | null {
  const first = events[0]
  const last = events.at(-1)
  if (first === undefined || last === undefined) return null
  return {
    from: first.revision as Revision,
    to: last.revision as Revision,
    events: events.length,
    oldestRecordedAt: first.recordedAtMs as EpochMs,
    newestRecordedAt: last.recordedAtMs as EpochMs,
  }
}

function bytesOf(events: readonly StoredEvent[]): number {
  return events.reduce((sum, event) => sum + storedBytes(event), 0)
}
