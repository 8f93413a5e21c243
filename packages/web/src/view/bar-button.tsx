import type { Lease } from '../model/live-set.ts'
import type { Bar, DenseBar } from '../model/row-layout.ts'
import { clockText, spanText } from '../model/spans.ts'
import { pxOf } from '../model/time-window.ts'
import { moment, shownTimeline, spanMs } from '../state/page-state.ts'
import { go } from '../state/place.ts'
import { judged, timeWindow } from '../state/shown-lanes.ts'
import { useTip } from '../state/tip.ts'
import { setCursor } from './timeline-cursor.ts'

interface Where {
  readonly row: number
  readonly item: number
  readonly lane: string
}

/** Wide enough for a name in it. */
const NAMED_PX = 56

/** One ownership, as long as it lasted. Its colour is a verdict only where there is one. */
export function BarButton({
  row,
  item,
  lane,
  bar,
  lease,
  levels,
}: Where & { bar: Bar; lease: Lease | undefined; levels: number }) {
  const { span, leftPx, widthPx, isOpen, level } = bar
  const owned = isOpen && lease?.token === span.token ? lease : undefined
  const look = owned === undefined ? { tone: isOpen ? 'unjudged' : 'past', label: '', evidence: [] } : judged(owned)
  const { nowMs } = moment.value
  const title = `${lane}, ${span.holder}`
  const lines = [
    ...(look.label === '' ? [] : [`Verdict: ${look.label}`]),
    ...look.evidence,
    `${span.isSeeded ? 'Held before' : 'Held from'} ${clockText(span.fromMs, nowMs)}${endText(bar, nowMs)}`,
    `Token ${span.token}${span.mode === 'shared' ? ', shared' : ''}${span.region.length === 0 ? '' : `, covers ${span.region.slice(0, 3).join(' ')}${span.region.length > 3 ? ' …' : ''}`}`,
  ]
  const window = timeWindow.value
  const deadlinePx =
    owned === undefined ? 0 : pxOf(window, Math.min(window.toMs, Date.parse(owned.expiresAt))) - (leftPx + widthPx)
  const tip = useTip({ title, lines, tone: look.tone })
  return (
    <>
      {deadlinePx > 1 ? (
        <span
          class={`deadline level-${level} ${look.tone}`}
          style={{ left: `${leftPx + widthPx}px`, width: `${deadlinePx}px` }}
        />
      ) : null}
      <button
        type="button"
        class={`bar-button level-${level} of-${levels} ${look.tone}${leftPx < 0 ? ' is-cut' : ''}${isOpen ? ' is-open' : ` ended-${span.end ?? 'open'}`}`}
        style={{ left: `${leftPx}px`, width: `${widthPx}px` }}
        tabIndex={-1}
        data-item={item}
        data-lease={span.leaseId}
        data-token={span.token}
        aria-label={`${title}. ${lines.join(' ')}`}
        onClick={() => go({ why: isOpen ? span.leaseId : `r${span.token}` })}
        {...tip}
        onFocus={event => {
          setCursor(row, item)
          tip.onFocus(event)
        }}
      >
        {widthPx >= NAMED_PX && levels === 1 ? <bdi>{span.holder}</bdi> : null}
      </button>
    </>
  )
}

function endText({ span, isOpen }: Bar, nowMs: number): string {
  if (isOpen || span.toMs === null) return ` for ${spanText(nowMs - span.fromMs)}`
  const how = span.end === 'adopted' ? 'it was adopted' : span.end === 'evicted' ? 'it was evicted' : 'it was released'
  return ` for ${spanText(span.toMs - span.fromMs)}, until ${how}`
}

/** Holds that are too short to be told apart. A click looks closer. */
export function DenseButton({ row, item, lane, dense }: Where & { dense: DenseBar }) {
  const { leftPx, widthPx, count, fromMs, toMs } = dense
  const tip = useTip({
    title: `${lane}: ${count} holds`,
    lines: ['Too short to be told apart here. Select to look closer.'],
    tone: 'past',
  })
  return (
    <button
      type="button"
      class="dense"
      style={{ left: `${leftPx}px`, width: `${widthPx}px` }}
      tabIndex={-1}
      data-item={item}
      aria-label={`${lane}: ${count} short holds between ${clockText(fromMs, toMs)} and ${clockText(toMs, toMs)}. Look closer.`}
      onClick={() => lookCloser(toMs)}
      {...tip}
      onFocus={event => {
        setCursor(row, item)
        tip.onFocus(event)
      }}
    />
  )
}

const ZOOM = 6
const CLOSEST_MS = 10_000

/** Shows a shorter span, and moves the page to an instant that would not lie in it. */
function lookCloser(toMs: number): void {
  const closerMs = Math.max(CLOSEST_MS, spanMs.value / ZOOM)
  const at = shownTimeline.value?.newestAt(toMs)
  if (at !== null && at !== undefined && toMs < moment.value.nowMs - closerMs / 2) go({ at: at.revision })
  spanMs.value = closerMs
}
