import type { MarkKind } from '../model/lane-track.ts'
import type { MarkAt } from '../model/row-layout.ts'
import { capital } from '../model/judgement.ts'
import { sentenceOf } from '../model/sentence.ts'
import { clockText } from '../model/spans.ts'
import { moment, shownTimeline } from '../state/page-state.ts'
import { go } from '../state/place.ts'
import { useTip } from '../state/tip.ts'
import { setCursor } from './timeline-cursor.ts'

export const MARK_NAMES: Record<MarkKind, string> = {
  refused: 'refusal',
  halt: 'HALT',
  adopted: 'adoption',
  evicted: 'eviction',
}

/** Each kind has a form of its own: colour alone tells nothing to many. */
const FORMS: Record<MarkKind, string> = {
  refused: 'M3 3l6 6M9 3l-6 6',
  halt: 'M4 1.5h4L10.5 4v4L8 10.5H4L1.5 8V4z',
  adopted: 'M2 6h7M6.5 3L9.5 6l-3 3',
  evicted: 'M6 1.5L10.5 9.5h-9z',
}

export function MarkForm({ kind }: { kind: MarkKind }) {
  return (
    <svg class={`form ${kind}`} viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
      <path d={FORMS[kind]} />
    </svg>
  )
}

export function MarkButton({ row, item, lane, mark }: { row: number; item: number; lane: string; mark: MarkAt }) {
  const { kind, px, revision, atMs, count } = mark
  const more = count > 1 ? ` and ${count - 1} more here` : ''
  const title = `${capital(MARK_NAMES[kind])} on ${lane}`
  const event = shownTimeline.value?.at(revision) ?? null
  const lines = [
    ...(event === null ? [] : [sentenceOf(event)]),
    `r${revision} at ${clockText(atMs, moment.value.nowMs)}${more}`,
  ]
  const tip = useTip({ title, lines, tone: kind })
  return (
    <button
      type="button"
      class={`mark ${kind}`}
      style={{ left: `${px}px` }}
      tabIndex={-1}
      data-item={item}
      data-revision={revision}
      aria-label={`${title}: ${lines.join(', ')}`}
      onClick={() => go({ why: `r${revision}` })}
      {...tip}
      onFocus={event => {
        setCursor(row, item)
        tip.onFocus(event)
      }}
    >
      <MarkForm kind={kind} />
      {count > 1 ? <span class="mark-count" aria-hidden="true" data-count={count > 99 ? '99+' : count} /> : null}
    </button>
  )
}
