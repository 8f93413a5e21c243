import type { HistoryPoint } from '@holdfast/projections'
import { UsageError } from '../failure/usage-error.ts'
import { clock } from '../print/times.ts'
import { readTime, type NamedTime } from './read-time.ts'

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

/** A point in a history that somebody named, with the text where it does not say by itself which one. */
export type NamedPoint = { readonly revision: number; readonly spoken: null } | NamedTime

/** Reads a point in a history: a revision (`r42`, or the digits alone), or a time in any of the ways of `readTime`. */
export async function historyPoint(text: string, field: string): Promise<NamedPoint> {
  const revision = demandRevision(text, field)
  return revision === undefined ? await readTime(text, field) : { revision, spoken: null }
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
