import type { LogEntry, Revision } from '@holdfast/core'
import type { LogStore } from '@holdfast/store'
import { passes, type LogFilter } from './log-filter.ts'

/** Where `log` begins and how much it shows. */
export interface LogRange {
  readonly filter: LogFilter
  /** Only the newest of what the filter lets through. */
  readonly last: number | null
}

/**
 * The entries of a log that are wanted, oldest first. What lies before the first one is not read when a number or a
 * time bounds it.
 */
export async function* readLog(store: LogStore, stream: string, { filter, last }: LogRange): AsyncGenerator<LogEntry> {
  if (last !== null) {
    yield* (await newest(store, stream, filter, last)).reverse()
    return
  }
  const from = filter.sinceMs === null ? undefined : await firstSince(store, stream, filter.sinceMs)
  if (from === null) return
  for await (const entries of store.read(stream, { from })) {
    for (const entry of entries) if (passes(filter, entry)) yield entry
  }
}

async function newest(store: LogStore, stream: string, filter: LogFilter, last: number): Promise<LogEntry[]> {
  const found: LogEntry[] = []
  if (last === 0) return found
  for await (const entries of store.read(stream, { direction: 'backwards' })) {
    for (const entry of entries) {
      if (filter.sinceMs !== null && entry.recordedAt < filter.sinceMs) return found
      if (passes(filter, entry)) found.push(entry)
      if (found.length === last) return found
    }
  }
  return found
}

/** The log clock never goes back, so everything from this revision on is as young. */
async function firstSince(store: LogStore, stream: string, sinceMs: number): Promise<Revision | null> {
  let first: Revision | null = null
  for await (const entries of store.read(stream, { direction: 'backwards' })) {
    for (const { recordedAt, revision } of entries) {
      if (recordedAt < sinceMs) return first
      first = revision
    }
  }
  return first
}
