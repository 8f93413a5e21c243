import { dayText } from './spans.ts'

/** The part of time that the axis shows, and how wide it is. */
export interface TimeWindow {
  readonly fromMs: number
  readonly toMs: number
  readonly widthPx: number
}

/** Spans that can be chosen. */
export const SPANS_MS = [60_000, 600_000, 3_600_000, 6 * 3_600_000, 24 * 3_600_000, 7 * 24 * 3_600_000] as const
export const DEFAULT_SPAN_MS = 600_000

/** The part of the axis that lies after now: there the deadlines are. */
const AHEAD = 0.14

/** The window of a span that ends a little after `nowMs`. */
export function windowAt(nowMs: number, spanMs: number, widthPx: number): TimeWindow {
  const toMs = nowMs + spanMs * AHEAD
  return { fromMs: toMs - spanMs, toMs, widthPx }
}

export function pxOf({ fromMs, toMs, widthPx }: TimeWindow, ms: number): number {
  return ((ms - fromMs) / (toMs - fromMs)) * widthPx
}

export function msAt({ fromMs, toMs, widthPx }: TimeWindow, px: number): number {
  return fromMs + (px / widthPx) * (toMs - fromMs)
}

export interface Tick {
  readonly px: number
  readonly label: string
}

const S = 1_000
const M = 60 * S
const H = 60 * M
const STEPS_MS = [
  S,
  5 * S,
  10 * S,
  30 * S,
  M,
  2 * M,
  5 * M,
  10 * M,
  30 * M,
  H,
  3 * H,
  6 * H,
  12 * H,
  24 * H,
  48 * H,
  168 * H,
]

/** Ticks at round times of the day, none closer than `apartPx` to the next. */
export function ticksOf(window: TimeWindow, apartPx = 90): readonly Tick[] {
  const { fromMs, toMs, widthPx } = window
  const least = ((toMs - fromMs) / Math.max(1, widthPx)) * apartPx
  const stepMs = STEPS_MS.find(step => step >= least) ?? STEPS_MS.at(-1) ?? M
  const offsetMs = new Date(fromMs).getTimezoneOffset() * M
  const ticks: Tick[] = []
  for (let at = Math.ceil((fromMs - offsetMs) / stepMs) * stepMs + offsetMs; at < toMs; at += stepMs) {
    ticks.push({ px: pxOf(window, at), label: labelOf(at, stepMs) })
  }
  return ticks
}

function labelOf(atMs: number, stepMs: number): string {
  const at = new Date(atMs)
  if (stepMs >= 24 * H) return dayText(atMs).slice(5)
  const hours = String(at.getHours()).padStart(2, '0')
  const minutes = String(at.getMinutes()).padStart(2, '0')
  const seconds = String(at.getSeconds()).padStart(2, '0')
  return stepMs < M ? `${hours}:${minutes}:${seconds}` : `${hours}:${minutes}`
}
