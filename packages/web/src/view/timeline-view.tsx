import { useComputed } from '@preact/signals'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { pxOf, SPANS_MS, ticksOf } from '../model/time-window.ts'
import { spanText } from '../model/spans.ts'
import { axisPx, moment, sight, spanMs } from '../state/page-state.ts'
import { place } from '../state/place.ts'
import { laneRows, laneSearch, timeWindow } from '../state/shown-lanes.ts'
import { Legend } from './legend.tsx'
import { isNarrow } from './row-px.ts'
import { moveCursor, cursor } from './timeline-cursor.ts'
import { TimelineRow } from './timeline-row.tsx'
import { useVirtualRows } from './virtual-rows.ts'

const ROW_PX = 40
const ROW_NARROW_PX = 62

/** Lanes as rows, holds as bars. */
export function TimelineView() {
  const rows = laneRows.value
  const rowPx = isNarrow.value ? ROW_NARROW_PX : ROW_PX
  const { scroller, first, last, heightPx, show } = useVirtualRows(rows.length, rowPx)
  const body = useRef<HTMLDivElement>(null)
  const current = Math.min(cursor.value.row, Math.max(0, rows.length - 1))
  useLayoutEffect(() => {
    if (!cursor.value.isMoved) return
    show(cursor.value.row)
    const { row, item } = cursor.value
    const target = body.current?.querySelector<HTMLElement>(`[data-row="${row}"] [data-item="${item}"]`)
    target?.focus({ preventScroll: true })
  }, [cursor.value, first])
  return (
    <section class="timeline" aria-label="Timeline">
      <Toolbar count={rows.length} />
      <Axis />
      <div class="rows" ref={scroller} tabIndex={-1}>
        <div
          ref={body}
          class="rows-body"
          role="grid"
          aria-label="Lanes on the time axis. Arrow keys move between lanes and bars."
          aria-rowcount={rows.length}
          style={{ height: `${Math.max(heightPx, 1)}px` }}
          onKeyDown={event => moveCursor(event, { rows: rows.length, page: Math.max(1, last - first - 12) })}
        >
          {rows.slice(first, last).map((row, index) => (
            <TimelineRow
              key={row.lane}
              row={row}
              index={first + index}
              rowPx={rowPx}
              isCurrent={first + index === current}
            />
          ))}
        </div>
        {rows.length === 0 ? <NoRows /> : null}
      </div>
      <Legend />
    </section>
  )
}

function NoRows() {
  if (laneSearch.value !== '') return <p class="nothing">No lane or holder is called like that.</p>
  const when = place.value.at === null ? 'in the last' : 'in the'
  return (
    <p class="nothing">
      Nothing is leased, and nothing happened {when} {spanText(spanMs.value)}
      {place.value.at === null ? '' : ' before that'}. Choose a longer span above.
    </p>
  )
}

function Toolbar({ count }: { count: number }) {
  return (
    <div class="toolbar">
      <input
        type="search"
        aria-label="Search lanes and holders"
        placeholder="Search lanes and holders"
        value={laneSearch.value}
        onInput={event => {
          laneSearch.value = event.currentTarget.value
        }}
      />
      <span class="faint count">{count === 1 ? '1 lane' : `${count.toLocaleString('en')} lanes`}</span>
      <div class="spans" role="group" aria-label="Span of time">
        {SPANS_MS.map(ms => (
          <button
            key={ms}
            type="button"
            aria-pressed={spanMs.value === ms}
            onClick={() => {
              spanMs.value = ms
            }}
          >
            {spanText(ms)}
          </button>
        ))}
      </div>
    </div>
  )
}

/** Widths of what is written at a tick, and of half of what is written at now: they must neither overlap nor be cut. */
const TICK_LABEL_PX = 62
const NOW_LABEL_PX = 24

/** The scale, and the line of now. */
function Axis() {
  const axis = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    const element = axis.current
    if (element === null) return undefined
    const look = (): void => {
      axisPx.value = element.clientWidth
    }
    look()
    const sizes = new ResizeObserver(look)
    sizes.observe(element)
    return () => sizes.disconnect()
  }, [])
  const ticks = useComputed(() => ticksOf(timeWindow.value))
  const nowPx = pxOf(timeWindow.value, moment.value.nowMs)
  return (
    <div class="axis" aria-hidden="true">
      <div class="axis-head">Lane</div>
      <div class="axis-scale" ref={axis}>
        {ticks.value
          .filter(({ px }) => px < nowPx - TICK_LABEL_PX || px > nowPx + NOW_LABEL_PX)
          .filter(({ px }) => px < axisPx.value - TICK_LABEL_PX)
          .map(({ px, label }) => (
            <span key={label} class="tick" style={{ left: `${px}px` }}>
              {label}
            </span>
          ))}
        <span class={`now-label is-${sight.value}`} style={{ left: `${nowPx}px` }}>
          {place.value.at === null ? 'now' : `r${place.value.at}`}
        </span>
      </div>
    </div>
  )
}
