import { isoInstant } from '@holdfast/server/text'
import { UsageError } from '../failure/usage-error.ts'
import { clock } from '../print/times.ts'

/** A time that somebody named. */
export interface NamedTime {
  readonly atMs: number
  /** The text, where the instant cannot be seen from it alone: what it was taken as is then to be said. */
  readonly spoken: string | null
}

/** Reads an instant as programs write it: ISO 8601 with its zone, or a day in UTC. */
export function readInstant(text: string, field: string): number {
  const atMs = isoInstant(text)
  if (atMs !== null) return atMs
  throw new UsageError(`${field}: ${JSON.stringify(text)} is no time; write one like 2026-05-01T14:03:00Z.`)
}

/** How times can be written, for whoever wrote none. */
const WAYS = 'write one like 2026-05-01T14:03:00Z, 14:03, "yesterday 14:03" or "2h ago"'

/** Reads an instant: ISO 8601 with its zone, a day in UTC, or as people say it in the zone of this machine. */
export async function readTime(text: string, field: string, nowMs = Date.now()): Promise<NamedTime> {
  const written = isoInstant(text)
  if (written !== null) return { atMs: written, spoken: null }
  // Loaded when it is needed: most times come from programs, which write ISO.
  const { spokenTime } = await import('./spoken-time.ts')
  const atMs = spokenTime(text.trim(), nowMs)
  if (atMs === null) throw new UsageError(`${field}: ${JSON.stringify(text)} is no time; ${WAYS}.`)
  return { atMs, spoken: text }
}

/** Says what a time was taken as: `"yesterday 14:03" is 2026-05-01 14:03:00Z`. Nothing of one that says it itself. */
export function takenAs({ atMs, spoken }: NamedTime): string | null {
  return spoken === null ? null : `${JSON.stringify(spoken)} is ${clock(atMs)}`
}
