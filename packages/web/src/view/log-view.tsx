import { useComputed, useSignal } from '@preact/signals'
import { EVENT_TYPES, type LogEvent } from '../model/log-event.ts'
import { lanesOf } from '../model/requested.ts'
import { sentenceOf } from '../model/sentence.ts'
import { clockText } from '../model/spans.ts'
import { changed, moment, shownTimeline } from '../state/page-state.ts'
import { addressOf, place } from '../state/place.ts'
import { Choice } from './choice.tsx'
import { isNarrow } from './row-px.ts'
import { useVirtualRows } from './virtual-rows.ts'

const ROW_PX = 32
const ROW_NARROW_PX = 60

/** The log as it comes, newest first. */
export function LogView() {
  const type = useSignal('')
  const search = useSignal('')
  const hidesBeats = useSignal(true)
  const events = useComputed(() => {
    void changed.value
    const { at } = place.value
    const shown = shownTimeline.value
    if (shown === null) return []
    const words = search.value.trim().toLowerCase()
    const until = at === null ? shown.events.length : shown.indexAfter(at)
    const found: LogEvent[] = []
    for (let index = until - 1; index >= 0; index -= 1) {
      const event = shown.events[index]
      if (event === undefined) break
      if (type.value === '' ? hidesBeats.value && event.type === 'HEARTBEAT' : event.type !== type.value) continue
      if (words !== '' && !`${lanesOf(event).join(' ')} ${sentenceOf(event)}`.toLowerCase().includes(words)) continue
      found.push(event)
    }
    return found
  })
  const rowPx = isNarrow.value ? ROW_NARROW_PX : ROW_PX
  const { scroller, first, last, heightPx } = useVirtualRows(events.value.length, rowPx)
  return (
    <section class="log" aria-label="Log">
      <div class="toolbar">
        <input
          type="search"
          aria-label="Search the log"
          placeholder="Search the log"
          value={search.value}
          onInput={event => (search.value = event.currentTarget.value)}
        />
        <Choice name="Type" value={type.value} values={EVENT_TYPES} choose={chosen => (type.value = chosen)} />
        <label class="check">
          <input
            type="checkbox"
            checked={hidesBeats.value}
            disabled={type.value !== ''}
            onChange={event => (hidesBeats.value = event.currentTarget.checked)}
          />
          Hide beats
        </label>
        <span class="faint count">{events.value.length.toLocaleString('en')} events</span>
      </div>
      <div class="scroll" ref={scroller} tabIndex={0} role="region" aria-label="Events, newest first">
        <ol class="rows-body" style={{ height: `${Math.max(1, heightPx)}px` }}>
          {events.value.slice(first, last).map((event, index) => (
            <EventLine key={event.revision} event={event} index={first + index} rowPx={rowPx} />
          ))}
        </ol>
        {events.value.length === 0 ? <p class="nothing">No event fits.</p> : null}
      </div>
    </section>
  )
}

function EventLine({ event, index, rowPx }: { event: LogEvent; index: number; rowPx: number }) {
  const said = sentenceOf(event)
  return (
    <li class="event" style={{ height: `${rowPx}px`, transform: `translateY(${index * rowPx}px)` }}>
      <a href={addressOf({ why: `r${event.revision}` })}>r{event.revision}</a>
      <time dateTime={new Date(event.atMs).toISOString()}>{clockText(event.atMs, moment.value.nowMs)}</time>
      <span class={`type ${event.type}`}>{event.type}</span>
      <bdi class="event-lane">{lanesOf(event).join(' ')}</bdi>
      <span class="said" dir="auto" title={said}>
        {said}
      </span>
    </li>
  )
}
