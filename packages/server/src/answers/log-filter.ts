import type { LogEntry } from '@holdfast/core'
import { canonical } from '@holdfast/core/internal'
import { lanesOf } from '../text/lanes-of.ts'

/** Which entries `log` shows. */
export interface LogFilter {
  readonly types: ReadonlySet<string> | null
  readonly lane: string | null
  readonly sinceMs: number | null
}

/** Whether an entry is one of those that are shown. */
export function passes(filter: LogFilter, entry: LogEntry): boolean {
  if (filter.types !== null && !filter.types.has(entry.type)) return false
  if (filter.sinceMs !== null && entry.recordedAt < filter.sinceMs) return false
  const asked = filter.lane
  return asked === null || lanesOf(entry).some(lane => canonical(lane) === canonical(asked))
}
