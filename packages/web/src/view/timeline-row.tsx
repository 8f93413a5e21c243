import { askedOfLane } from '../model/requested.ts'
import { layoutRow } from '../model/row-layout.ts'
import { pxOf } from '../model/time-window.ts'
import { moment, sight } from '../state/page-state.ts'
import { addressOf } from '../state/place.ts'
import { judged, timeWindow, waitingIn, type LaneRow } from '../state/shown-lanes.ts'
import { BarButton, DenseButton } from './bar-button.tsx'
import { MarkButton } from './mark-button.tsx'
import { setCursor } from './timeline-cursor.ts'
import { WaitStrip } from './wait-strip.tsx'

interface Parts {
  readonly row: LaneRow
  readonly index: number
  readonly rowPx: number
  readonly isCurrent: boolean
}

/** One lane: its name and state, and what happened to it. */
export function TimelineRow({ row, index, rowPx, isCurrent }: Parts) {
  const { lane, track, leases, human } = row
  const window = timeWindow.value
  const layout = layoutRow(track, window, moment.value)
  const byId = new Map(leases.map(lease => [lease.leaseId as string, lease]))
  const waiting = waitingIn(track)
  const first = leases[0]
  const state = first === undefined ? null : judged(first)
  const drawn = [
    ...layout.bars.map(bar => ({ px: bar.leftPx, bar })),
    ...layout.dense.map(dense => ({ px: dense.leftPx, dense })),
    ...layout.marks.map(mark => ({ px: mark.px, mark })),
  ].sort((a, b) => a.px - b.px)
  const nowPx = pxOf(window, moment.value.nowMs)
  return (
    <div
      class={`row levels-${layout.levels}`}
      role="row"
      aria-rowindex={index + 1}
      data-row={index}
      data-lane={lane}
      style={{ height: `${rowPx}px`, transform: `translateY(${index * rowPx}px)` }}
    >
      <div class="row-head" role="rowheader">
        <a
          class="lane"
          href={addressOf({ why: askedOfLane(lane, first?.leaseId ?? track.spans.at(-1)?.leaseId) })}
          data-item={0}
          tabIndex={isCurrent ? 0 : -1}
          onFocus={() => setCursor(index, 0)}
          title={lane}
        >
          <bdi>{lane}</bdi>
        </a>
        <span class="row-state">
          {state === null && human !== null ? (
            <>
              <span class="chip waiting" title={`${human.answer}${human.detail === null ? '' : `: ${human.detail}`}`}>
                waiting
              </span>
              <bdi class="holder" title={human.holder}>
                {human.holder}
              </bdi>
            </>
          ) : state === null ? (
            <span class="faint">free</span>
          ) : (
            <>
              <span class={`chip ${state.tone}`}>{state.label}</span>
              <bdi class="holder" title={first?.holder}>
                {first?.holder}
              </bdi>
              {leases.length > 1 ? <span class="faint">+{leases.length - 1}</span> : null}
            </>
          )}
          {waiting > 0 ? <span class="in-line">{waiting} in line</span> : null}
        </span>
      </div>
      <div class="track" role="gridcell">
        <span class={`now-line is-${sight.value}`} style={{ left: `${nowPx}px` }} />
        {layout.waits.map(wait => (
          <WaitStrip key={`${wait.wait.place}-${wait.leftPx}`} {...wait} />
        ))}
        {drawn.map((item, at) => {
          const where = { row: index, item: at + 1, lane }
          if ('bar' in item)
            return (
              <BarButton
                key={item.bar.span.token}
                {...where}
                bar={item.bar}
                lease={byId.get(item.bar.span.leaseId)}
                levels={layout.levels}
              />
            )
          if ('dense' in item) return <DenseButton key={`d${item.dense.fromMs}`} {...where} dense={item.dense} />
          return <MarkButton key={`m${item.mark.revision}`} {...where} mark={item.mark} />
        })}
        <svg class="beats" aria-hidden="true" width="100%" height="100%">
          <path d={layout.beats.map(px => `M${px}.5 0v5`).join('')} />
        </svg>
      </div>
    </div>
  )
}
