import type { DurationMs } from '@holdfast/core'
import { SPAN_MAX_MS } from '@holdfast/core/internal'
import { shownGiven } from './check-given.ts'
import { InputError } from './input-error.ts'

const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
])

/** A span: whole milliseconds, or text such as `500ms`, `90s`, `5m`, `1h30m`, `2d`. */
export type DurationInput = number | string

/** Reads a span; throws an `InputError` that names `field` for anything negative, unreadable or beyond a year. */
export function parseDuration(input: DurationInput, field: string): DurationMs {
  // From JavaScript anything may come.
  const given: unknown = input
  const spanMs = typeof given === 'number' ? given : typeof given === 'string' ? spanOf(given) : null
  if (spanMs === null || !Number.isSafeInteger(spanMs) || spanMs < 0) {
    const message = `${shownGiven(given)} is no duration; write one like 90s, 5m or 1h30m`
    throw new InputError([{ path: field, message }])
  }
  if (spanMs > SPAN_MAX_MS) throw new InputError([{ path: field, message: 'a duration is at most 366d' }])
  return spanMs as DurationMs
}

function spanOf(text: string): number | null {
  const parts = [...text.matchAll(/(\d+)(ms|s|m|h|d)/gy)]
  if (parts.length === 0 || parts.map(([whole]) => whole).join('') !== text) return null
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UNIT_MS.get(unit ?? '') ?? Number.NaN), 0)
}

export { spanText as formatDuration } from '@holdfast/core/internal'
