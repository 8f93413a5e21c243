import type { LogEntry, RecordedEvent } from '@holdfast/core'
import { COMMIT_TAIL_MAX, type ArchiveSummary, type Head } from '../port.ts'
import { READ_BATCH_MAX } from '../read-by-position.ts'
import { decodeEvent, type StoredEvent } from '../stored-event.ts'
import { EMPTY_TIP, headOf, isBeyond, type StreamTip } from '../stream-tip.ts'
import { behindThePresented } from '../subscribe-by-reading.ts'
import { summaryOf } from './archive.ts'
import {
  archivedCheckpointBelow,
  archivedFrom,
  archivedHashAt,
  archivedUpTo,
  chunkFrom,
  heldFrom,
} from './archive-search.ts'
import type { Connection } from './connection.ts'
import { eventsFrom, eventsUpTo, hashBefore, partsReader, positionFrom } from './read-events.ts'
import { integerIn } from './row.ts'
import { placeOf, positionAt } from './schema.ts'
import { asStoreError, isBusy } from './sqlite-error.ts'
import type { StreamRow } from './stream-row.ts'

const SELECT_CHECKPOINT_BELOW = `
  SELECT place FROM events WHERE type = 'CHECKPOINT' AND place BETWEEN ? AND ? ORDER BY place DESC LIMIT 1`

/** Reads of one connection, each on one consistent state. */
export class StreamReader {
  readonly #connection: Connection
  #versionSeen = -1

  constructor(connection: Connection) {
    this.#connection = connection
  }

  tip(stream: string): StreamTip {
    return this.#on(stream, EMPTY_TIP, ({ tip }) => tip)
  }

  positionFrom(stream: string, revision: number): number {
    return this.#on(stream, 0, row => positionFrom(this.#connection, row, revision))
  }

  positionAfter(stream: string, revision: Head): number {
    return revision === 'none' ? 0 : this.positionFrom(stream, revision + 1)
  }

  /** Entries at positions `from` to `to`, cut to what is there; whole from the side that the direction begins at. */
  entries(stream: string, from: number, to: number, direction: 'forwards' | 'backwards'): readonly LogEntry[] {
    return this.#on(stream, [], row => {
      const last = Math.min(to, row.tip.position)
      if (from > last || from < row.tip.firstPosition) return []
      const select = direction === 'forwards' ? eventsFrom : eventsUpTo
      return select(this.#connection, row, from, last).map(this.#decode)
    })
  }

  /** The next batch of what lies further back than a commit folds under the lock. */
  farTail(stream: string, after: Head): readonly LogEntry[] {
    return this.#on(stream, [], row => {
      if (isBeyond(row.tip, after)) throw behindThePresented(after, headOf(row.tip))
      const from = after === 'none' ? row.tip.firstPosition : positionFrom(this.#connection, row, after + 1)
      const to = Math.min(row.tip.position - COMMIT_TAIL_MAX, from + READ_BATCH_MAX - 1)
      return from > to ? [] : eventsFrom(this.#connection, row, from, to).map(this.#decode)
    })
  }

  /** A batch of what others have committed since the last look; nothing when the file has not changed, or is busy. */
  newEntries(stream: string, after: Head): readonly LogEntry[] {
    try {
      const version = this.#connection.dataVersion()
      if (version === this.#versionSeen) return []
      this.#versionSeen = version
      const from = this.positionAfter(stream, after)
      return this.entries(stream, from, from + READ_BATCH_MAX - 1, 'forwards')
    } catch (error) {
      if (isBusy(error)) return []
      throw asStoreError(error, this.#connection.path)
    }
  }

  /** The newest CHECKPOINT that this code understands: folding from an older one gives the same state. */
  latestCheckpoint(stream: string, before = Infinity): RecordedEvent<'CHECKPOINT'> | null {
    return this.#on(stream, null, row => {
      const { firstPosition, checkpointPosition } = row.tip
      const end = before > row.tip.revision ? Infinity : positionFrom(this.#connection, row, before)
      for (
        let position = checkpointPosition < end ? checkpointPosition : this.#checkpointBelow(row, end);
        position >= firstPosition;
        position = this.#checkpointBelow(row, position)
      ) {
        const entry = eventsFrom(this.#connection, row, position, position).map(this.#decode)[0]
        if (entry?.type === 'CHECKPOINT') return entry
      }
      return null
    })
  }

  /** Archived entries from a revision on, one chunk's at most; empty past the last, or where they were dropped. */
  archived(stream: string, revision: number): readonly LogEntry[] {
    return this.#on(stream, [], row => archivedFrom(this.#connection, row, revision).map(this.#decode))
  }

  /** Where the archive goes on at or above a revision, past what was dropped; undefined when it does not. */
  archivedNext(stream: string, revision: number): number | undefined {
    return this.#on(stream, undefined, row => {
      const chunk = chunkFrom(this.#connection, row, revision)
      if (chunk === undefined) return undefined
      const from =
        chunk.body === null ? heldFrom(this.#connection, row, chunk.firstPosition)?.revision : chunk.fromRevision
      return from === undefined ? undefined : Math.max(from, revision)
    })
  }

  /** Entries at exactly these revisions, from archive and log. */
  at(stream: string, revisions: readonly number[]): readonly LogEntry[] {
    return this.#on(stream, [], row => {
      const begin = this.#beginOf(row)
      return revisions.flatMap(revision => {
        const found =
          revision < begin ? archivedFrom(this.#connection, row, revision, 1) : this.#loggedFrom(row, revision)
        return found.filter(event => event.revision === revision).map(this.#decode)
      })
    })
  }

  /** The newest revision that was recorded at an instant or before. Times never go back in a stream. */
  revisionAt(stream: string, atMs: number): number | undefined {
    return this.#on(stream, undefined, row => {
      let low = row.tip.firstPosition
      let high = row.tip.position
      while (low <= high) {
        const middle = Math.floor((low + high) / 2)
        const [event] = eventsFrom(this.#connection, row, middle, middle)
        if (event === undefined || event.recordedAtMs > atMs) high = middle - 1
        else low = middle + 1
      }
      if (high >= row.tip.firstPosition) return eventsFrom(this.#connection, row, high, high)[0]?.revision
      return archivedUpTo(this.#connection, row, atMs)?.revision
    })
  }

  /** The newest archived entry below a revision that was written as a CHECKPOINT. */
  archivedCheckpoint(stream: string, before: number): LogEntry | undefined {
    return this.#on(stream, undefined, row => {
      const found = archivedCheckpointBelow(this.#connection, row, before)
      return found && this.#decode(found)
    })
  }

  /** The oldest revision that can be read, in archive or log. */
  oldest(stream: string): number | undefined {
    return this.#on(stream, undefined, row => heldFrom(this.#connection, row)?.revision ?? this.#beginOf(row))
  }

  /** Hash of the event at exactly this revision, in archive or log. */
  hashAnywhere(stream: string, revision: number): string | undefined {
    return this.#on(stream, undefined, row => {
      const { firstPosition } = row.tip
      if (revision >= this.#beginOf(row)) {
        const [event] = this.#loggedFrom(row, revision)
        return event?.revision === revision ? hashBefore(this.#connection, row, event.position + 1) : undefined
      }
      const [event] = archivedFrom(this.#connection, row, revision, 1)
      if (event?.revision !== revision || event.position >= firstPosition) return undefined
      return archivedHashAt(this.#connection, row, event.position)
    })
  }

  #loggedFrom(row: StreamRow, revision: number): readonly StoredEvent[] {
    const position = positionFrom(this.#connection, row, revision)
    return position > row.tip.position ? [] : eventsFrom(this.#connection, row, position, position)
  }

  /** The first revision of the log. */
  #beginOf(row: StreamRow): number {
    const { firstPosition, position } = row.tip
    return eventsFrom(this.#connection, row, firstPosition, Math.min(firstPosition, position))[0]?.revision ?? 0
  }

  archive(stream: string): ArchiveSummary {
    return this.#on(stream, { held: null, dropped: null, bytes: 0 }, row => summaryOf(this.#connection, row))
  }

  /** Hash of the event at exactly this revision, if it is there. */
  hashAt(stream: string, revision: number): string | undefined {
    return this.#on(stream, undefined, row => {
      const position = positionFrom(this.#connection, row, revision)
      const found = position <= row.tip.position && eventsFrom(this.#connection, row, position, position)[0]
      return found && found.revision === revision ? hashBefore(this.#connection, row, position + 1) : undefined
    })
  }

  #checkpointBelow({ id, tip }: StreamRow, position: number): number {
    const row = this.#connection
      .prepared(SELECT_CHECKPOINT_BELOW)
      .get(placeOf(id, tip.firstPosition), placeOf(id, position) - 1)
    return row === undefined ? -1 : positionAt(integerIn(row, 'place'))
  }

  readonly #decode = (event: StoredEvent): LogEntry => decodeEvent(event, partsReader(this.#connection))

  #on<T>(stream: string, whenAbsent: T, work: (row: StreamRow) => T): T {
    return this.#connection.snapshot(store => {
      const row = this.#connection.stream(store, stream)
      return row === undefined ? whenAbsent : work(row)
    })
  }
}
