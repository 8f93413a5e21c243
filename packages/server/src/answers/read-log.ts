import type { LogEntry, Revision } from '@holdfast/core'
import { readHistory, type LogStore } from '@holdfast/store'
import { isBefore, passes, type LogFilter } from './log-filter.ts'

/** Where `log` begins and how much it shows. */
export interface LogRange {
  readonly filter: LogFilter
  /** Only the newest of what the filter lets through. */
  readonly last: number | null
}

/**
 * The entries of a ledger that are wanted, archive and log as one, oldest first. What lies before the first one is not
 * read when a number or a time bounds it, unless that bound lies in the archive.
 */
export async function* readLog(store: LogStore, stream: string, { filter, last }: LogRange): AsyncGenerator<LogEntry> {
  if (last !== null) {
    yield* (await newest(store, stream, filter, last)).reverse()
    return
  }
  const from =
    filter.fromRevision ?? (filter.sinceMs === null ? undefined : await firstSince(store, stream, filter.sinceMs))
  for await (const entries of readHistory(store, stream, { from })) {
    for (const entry of entries) if (passes(filter, entry)) yield entry
  }
}

async function newest(store: LogStore, stream: string, filter: LogFilter, last: number): Promise<LogEntry[]> {
  const found: LogEntry[] = []
  if (last === 0) return found
  let oldest: Revision | null = null
  for await (const entries of store.read(stream, { direction: 'backwards' })) {
    for (const entry of entries) {
      if (isBefore(entry, filter)) return found
      if (passes(filter, entry)) found.push(entry)
      if (found.length === last) return found
      oldest = entry.revision
    }
  }
  const archived = await newestArchived(store, stream, { filter, last: last - found.length, before: oldest })
  return [...found, ...archived]
}

/** An archive is read from its beginning only. */
async function newestArchived(
  store: LogStore,
  stream: string,
  { filter, last, before }: { readonly filter: LogFilter; readonly last: number; readonly before: Revision | null },
): Promise<LogEntry[]> {
  let found: LogEntry[] = []
  for await (const entries of store.readArchive(stream)) {
    const wanted = entries.filter(entry => (before === null || entry.revision < before) && passes(filter, entry))
    found = [...found, ...wanted].slice(-last)
  }
  return found.reverse()
}

/** The log clock never goes back, so everything from this revision on is as young; `undefined`: all of the log is. */
async function firstSince(store: LogStore, stream: string, sinceMs: number): Promise<Revision | undefined> {
  if (store.past !== undefined) {
    const before = await store.past.revisionAt(stream, sinceMs - 1)
    return before === null ? undefined : ((before + 1) as Revision)
  }
  let first: Revision | undefined
  for await (const entries of store.read(stream, { direction: 'backwards' })) {
    for (const { recordedAt, revision } of entries) {
      if (recordedAt < sinceMs) return first ?? ((revision + 1) as Revision)
      first = revision
    }
  }
  return undefined
}
