import type { HistoryPoint } from '@holdfast/projections'
import { UsageError } from '../failure/usage-error.ts'
import { readInstant } from './instant-input.ts'

const REVISION = /^r?(\d+)$/

/** The revision that a text names: `r42`, or the digits alone; `undefined` when it names something else. */
function revisionIn(text: string): number | undefined {
  const digits = REVISION.exec(text)?.[1]
  const revision = Number(digits)
  return digits !== undefined && Number.isSafeInteger(revision) ? revision : undefined
}

/** What is meant as a revision and is none: `-1`, `r-1`, `r99999999999999999999`. */
const MEANT = /^r?-?\d+$/

/** The revision that a text names, or `undefined`; throws a `UsageError` for what is meant as one and cannot be one. */
export function demandRevision(text: string, field: string): number | undefined {
  const revision = revisionIn(text)
  if (revision !== undefined || !MEANT.test(text)) return revision
  throw new UsageError(`${field}: ${JSON.stringify(text)} is no revision; they are written r0, r1, r2 and so on.`)
}

/** Reads a point in a history: a revision, or an instant. */
export function historyPoint(text: string, field: string): HistoryPoint {
  const revision = demandRevision(text, field)
  return revision === undefined ? { atMs: readInstant(text, field) } : { revision }
}
