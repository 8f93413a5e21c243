import { useSignal } from '@preact/signals'
import { clockText } from '../model/spans.ts'
import { changed, moment, timeline } from '../state/page-state.ts'
import { go, place } from '../state/place.ts'

/** Moves the whole page through history, and back to now. */
export function TimeBar() {
  void changed.value
  const { at } = place.value
  const { events, head } = timeline.current
  const first = events[0]?.revision ?? 0
  const isPast = at !== null
  const { nowMs } = moment.value
  const said = isPast ? `r${at}, ${clockText(nowMs, Date.now())}` : 'now'
  return (
    <div class={isPast ? 'time-bar is-past' : 'time-bar'}>
      <button
        type="button"
        class="live-button"
        aria-pressed={!isPast}
        onClick={() => go({ at: null })}
        title="Back to what is now"
      >
        <span class="dot" aria-hidden="true" /> Live
      </button>
      <input
        type="range"
        class="slider"
        aria-label="Revision that is shown"
        aria-valuetext={said}
        min={first}
        max={Math.max(first, head)}
        step={1}
        value={at ?? Math.max(first, head)}
        disabled={events.length < 2}
        onInput={event => {
          const to = Number(event.currentTarget.value)
          go({ at: to >= timeline.current.head ? null : to }, { replace: true })
        }}
      />
      <GoTo said={said} />
    </div>
  )
}

/** A revision or a time, typed. */
function GoTo({ said }: { said: string }) {
  const draft = useSignal<string | null>(null)
  const fault = useSignal(false)
  return (
    <form
      class="go-to"
      onSubmit={event => {
        event.preventDefault()
        const to = pointOf(draft.value ?? '')
        fault.value = to === null
        if (to === null) return
        draft.value = null
        go({ at: to === 'now' ? null : to })
      }}
    >
      <input
        type="text"
        class={fault.value ? 'has-fault' : ''}
        aria-label="Go to a revision or time, for example r120 or 14:03"
        aria-invalid={fault.value}
        spellcheck={false}
        value={draft.value ?? said}
        onFocus={event => event.currentTarget.select()}
        onInput={event => {
          draft.value = event.currentTarget.value
          fault.value = false
        }}
        onBlur={() => {
          draft.value = null
          fault.value = false
        }}
      />
    </form>
  )
}

/** What was typed: `r12`, `12`, `14:03`, `14:03:20`, or a date with a time. */
function pointOf(text: string): number | 'now' | null {
  const typed = text.trim()
  if (typed === '' || typed === 'now' || typed === 'live') return 'now'
  const revision = /^r?(\d+)$/.exec(typed)?.[1]
  if (revision !== undefined) return Math.min(Number(revision), timeline.current.head)
  const isTime = /^\d{1,2}:\d{2}(:\d{2})?$/.test(typed)
  const today = new Date()
  const date = `${today.getFullYear()}-${String(today.getMonth() + 1).padStart(2, '0')}-${String(today.getDate()).padStart(2, '0')}`
  const ms = Date.parse(isTime ? `${date}T${typed.padStart(typed.length < 6 ? 5 : 8, '0')}` : typed)
  if (Number.isNaN(ms)) return null
  return timeline.current.newestAt(ms)?.revision ?? null
}
