import type { HistoryPoint } from '@holdfast/projections'
import { clock } from '../print/times.ts'
import { UsageError } from '../failure/usage-error.ts'

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
