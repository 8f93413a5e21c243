import type { HistoryPoint } from '@holdfast/projections'
import { UsageError } from '../failure/usage-error.ts'
import { clock } from '../print/times.ts'
import { readInstant } from './flag-values.ts'

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

/** How far a history reaches. */
interface Reach {
  readonly head: number
  readonly nowMs: number
}

/** Throws a `UsageError` for a point that is yet to come: what would be told of it is the present. */
export function demandPast(point: HistoryPoint, field: string, { head, nowMs }: Reach): void {
  if ('revision' in point) {
    if (point.revision <= head) return
    throw new UsageError(`${field}: r${point.revision} does not exist yet; the newest revision is r${head}.`)
  }
  if (point.atMs <= nowMs) return
  throw new UsageError(`${field}: ${clock(point.atMs)} is in the future; the log clock shows ${clock(nowMs)}.`)
}
