import type { LaneTrack, MarkKind, Span, Wait } from './lane-track.ts'
import { msAt, pxOf, type TimeWindow } from './time-window.ts'

/** Narrower bars than this cannot be told apart: they are drawn together. */
const BAR_PX_MIN = 5
/** As wide as a mark is. */
const MARK_PX = 13
const BEAT_PX = 3
/** Bars that lie above each other in one row: readers of one lane. */
export const LEVELS_MAX = 3
/** Spans before the window that are looked at for one that reaches into it. */
const LOOK_BACK_MAX = 64

export interface Bar {
  readonly span: Span
  readonly leftPx: number
  readonly widthPx: number
  readonly isOpen: boolean
  readonly level: number
}

/** Holds that are too short to be told apart at this zoom. */
export interface DenseBar {
  readonly leftPx: number
  readonly widthPx: number
  readonly count: number
  readonly fromMs: number
  readonly toMs: number
}

export interface MarkAt {
  readonly kind: MarkKind
  readonly px: number
  /** The newest of those that are drawn together. */
  readonly revision: number
  readonly atMs: number
  readonly count: number
}

export interface WaitBar {
  readonly wait: Wait
  readonly leftPx: number
  readonly widthPx: number
}

export interface RowLayout {
  readonly bars: readonly Bar[]
  readonly dense: readonly DenseBar[]
  readonly marks: readonly MarkAt[]
  readonly waits: readonly WaitBar[]
  /** Places of beats, in pixels. */
  readonly beats: readonly number[]
  readonly levels: number
}

export interface Moment {
  readonly nowMs: number
  /** Nothing newer is drawn; `null`: everything. */
  readonly revision: number | null
}

/** What one row of the time axis shows. Costs as much as it has pixels, however many events lie in it. */
export function layoutRow(track: LaneTrack, window: TimeWindow, moment: Moment): RowLayout {
  const shown = spansIn(track, window, moment)
  return {
    ...shown,
    marks: marksIn(track, window, moment),
    waits: waitsIn(track, window, moment),
    beats: beatsIn(track, window, moment),
  }
}

function spansIn(track: LaneTrack, window: TimeWindow, moment: Moment) {
  const { spans } = track
  const last = moment.revision ?? Number.MAX_SAFE_INTEGER
  const first = firstAtOrAfter(spans.length, at => spans[at]?.fromMs ?? 0, window.fromMs)
  const before = spans.slice(Math.max(0, first - LOOK_BACK_MAX), first)
  const early = new Set([...track.open().filter(({ fromMs }) => fromMs < window.fromMs), ...before])
  const bars: Bar[] = []
  const dense: DenseBar[] = []
  const levelEnds: number[] = []
  const place = (span: Span): void => {
    const isOpen = span.end === null || (span.endedBy ?? 0) > last
    const toMs = isOpen ? moment.nowMs : (span.toMs ?? moment.nowMs)
    if (span.token > last || toMs < window.fromMs || span.fromMs > window.toMs) return
    const leftPx = Math.max(-2, pxOf(window, span.fromMs))
    const endPx = Math.min(window.widthPx + 2, pxOf(window, toMs))
    let level = levelEnds.findIndex(end => end <= leftPx + 0.5)
    if (level < 0) level = Math.min(levelEnds.length, LEVELS_MAX - 1)
    levelEnds[level] = Math.max(endPx, levelEnds[level] ?? 0)
    bars.push({ span, leftPx, widthPx: Math.max(BAR_PX_MIN - 1, endPx - leftPx), isOpen, level })
  }
  for (const span of [...early].sort((a, b) => a.token - b.token)) place(span)
  for (let at = first; at < spans.length;) {
    const span = spans[at]
    if (span === undefined || span.fromMs > window.toMs || span.token > last) break
    const bucketEndMs = msAt(window, Math.floor(pxOf(window, span.fromMs)) + BAR_PX_MIN)
    const next = firstAtOrAfter(spans.length, index => spans[index]?.fromMs ?? 0, bucketEndMs, at + 1)
    // Of those that begin together some may last: the newest does, where one excludes the other.
    const lasting =
      next - at === 1
        ? [span]
        : spans.slice(Math.max(at, next - LOOK_BACK_MAX), next).filter(one => lasts(one, window, last))
    for (const one of lasting) place(one)
    const count = next - at - lasting.length
    if (count > 0) addDense(dense, window, { fromMs: span.fromMs, toMs: bucketEndMs, count })
    at = next
  }
  return { bars, dense, levels: Math.max(1, levelEnds.length) }
}

function lasts(span: Span, window: TimeWindow, last: number): boolean {
  if (span.token > last) return false
  if (span.end === null || (span.endedBy ?? 0) > last || span.toMs === null) return true
  return pxOf(window, span.toMs) - pxOf(window, span.fromMs) >= BAR_PX_MIN
}

function addDense(
  dense: DenseBar[],
  window: TimeWindow,
  { fromMs, toMs, count }: { fromMs: number; toMs: number; count: number },
): void {
  const leftPx = pxOf(window, fromMs)
  const before = dense.at(-1)
  if (before !== undefined && leftPx - (before.leftPx + before.widthPx) < BAR_PX_MIN) {
    dense[dense.length - 1] = {
      ...before,
      widthPx: leftPx + BAR_PX_MIN - before.leftPx,
      count: before.count + count,
      toMs,
    }
  } else dense.push({ leftPx, widthPx: BAR_PX_MIN, count, fromMs, toMs })
}

/** Where several fall together, the one that matters most is shown, with their number. */
const WEIGHT: Record<MarkKind, number> = { halt: 5, evicted: 4, adopted: 3, refused: 2 }

function marksIn({ marks }: LaneTrack, window: TimeWindow, { revision }: Moment): readonly MarkAt[] {
  const shown: MarkAt[] = []
  const last = revision ?? Number.MAX_SAFE_INTEGER
  for (let at = firstAtOrAfter(marks.length, index => marks[index]?.atMs ?? 0, window.fromMs); at < marks.length;) {
    const mark = marks[at]
    if (mark === undefined || mark.atMs > window.toMs || mark.revision > last) break
    const bucketEndMs = msAt(window, pxOf(window, mark.atMs) + MARK_PX)
    const next = firstAtOrAfter(marks.length, index => marks[index]?.atMs ?? 0, bucketEndMs, at + 1)
    // A look at some of them: thousands in one bucket are of few kinds.
    let heaviest = mark
    let count = 0
    for (let index = at; index < next; index += 1) {
      const other = marks[index]
      if (other === undefined || other.revision > last) break
      count += 1
      if (count <= LOOK_BACK_MAX && WEIGHT[other.kind] >= WEIGHT[heaviest.kind]) heaviest = other
    }
    shown.push({ ...heaviest, px: pxOf(window, heaviest.atMs), count })
    at = next
  }
  return shown
}

function waitsIn({ waits }: LaneTrack, window: TimeWindow, { nowMs, revision }: Moment): readonly WaitBar[] {
  const shown: WaitBar[] = []
  const last = revision ?? Number.MAX_SAFE_INTEGER
  for (const wait of waits.slice(-LOOK_BACK_MAX * 4)) {
    if (wait.place > last) continue
    const endMs = waitEnd(wait, nowMs, last)
    if (endMs < window.fromMs || wait.fromMs > window.toMs) continue
    const leftPx = Math.max(0, pxOf(window, wait.fromMs))
    shown.push({ wait, leftPx, widthPx: Math.max(3, pxOf(window, endMs) - leftPx) })
    if (shown.length >= LOOK_BACK_MAX) break
  }
  return shown
}

/** Until when somebody waited, as far as it is known at `nowMs`. */
export function waitEnd(wait: Wait, nowMs: number, last: number = Number.MAX_SAFE_INTEGER): number {
  if (wait.toMs !== null && (wait.toRevision ?? 0) <= last) return wait.toMs
  return Math.min(nowMs, wait.untilMs)
}

/** Whether somebody still waits at `nowMs`. */
export function isWaiting(wait: Wait, { nowMs, revision }: Moment): boolean {
  const last = revision ?? Number.MAX_SAFE_INTEGER
  const isOver = wait.toMs !== null && (wait.toRevision ?? 0) <= last
  return wait.place <= last && !isOver && wait.untilMs > nowMs
}

function beatsIn({ beatsMs, beatRevisions }: LaneTrack, window: TimeWindow, { revision }: Moment): readonly number[] {
  const places: number[] = []
  const last = revision ?? Number.MAX_SAFE_INTEGER
  for (let at = firstAtOrAfter(beatsMs.length, index => beatsMs[index] ?? 0, window.fromMs); at < beatsMs.length;) {
    const ms = beatsMs[at] ?? 0
    if (ms > window.toMs || (beatRevisions[at] ?? 0) > last) break
    const px = Math.round(pxOf(window, ms))
    places.push(px)
    at = firstAtOrAfter(beatsMs.length, index => beatsMs[index] ?? 0, msAt(window, px + BEAT_PX), at + 1)
  }
  return places
}

/** The first place, from `low` on, whose instant is not before `ms`. */
function firstAtOrAfter(length: number, msOf: (at: number) => number, ms: number, low = 0): number {
  let from = low
  let to = length
  while (from < to) {
    const middle = (from + to) >> 1
    if (msOf(middle) < ms) from = middle + 1
    else to = middle
  }
  return from
}
