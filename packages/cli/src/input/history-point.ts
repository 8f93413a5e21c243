import type { HistoryPoint } from '@holdfast/projections'
import { readInstant } from './instant-input.ts'

const REVISION = /^r?(\d+)$/

/** The revision that a text names: `r42`, or the digits alone; `undefined` when it names something else. */
export function revisionIn(text: string): number | undefined {
  const digits = REVISION.exec(text)?.[1]
  const revision = Number(digits)
  return digits !== undefined && Number.isSafeInteger(revision) ? revision : undefined
}

/** Reads a point in a history: a revision, or an instant. */
export function historyPoint(text: string, field: string): HistoryPoint {
  const revision = revisionIn(text)
  return revision === undefined ? { atMs: readInstant(text, field) } : { revision }
}
