import type { LogEntry, Revision } from '@holdfast/core'
import { canonical } from '@holdfast/core/internal'
import { lanesOf } from '../text/lanes-of.ts'

/** Which entries `log` shows. */
export interface LogFilter {
  readonly types: ReadonlySet<string> | null
  readonly lane: string | null
  readonly sinceMs: number | null
  /** The first revision that is shown; absent: any. */
  readonly fromRevision?: Revision | undefined
}

/** Whether an entry is one of those that are shown. */
export function passes(filter: LogFilter, entry: LogEntry): boolean {
  if (isBefore(entry, filter)) return false
  if (filter.types !== null && !filter.types.has(entry.type)) return false
  const asked = filter.lane
  return asked === null || lanesOf(entry).some(lane => canonical(lane) === canonical(asked))
}

/** Whether an entry lies before everything that is shown: so does all that was written before it. */
export function isBefore({ revision, recordedAt }: LogEntry, { sinceMs, fromRevision }: LogFilter): boolean {
  return (sinceMs !== null && recordedAt < sinceMs) || (fromRevision !== undefined && revision < fromRevision)
}
