import { useSignal } from '@preact/signals'
import { revisionOf } from '../model/requested.ts'
import { clockText, dayText } from '../model/spans.ts'
import { logNowMs } from '../state/own-clock.ts'
import { changed, missing, moment, pastFault, timeline } from '../state/page-state.ts'
import { revisionAt } from '../state/past.ts'
import { go, place } from '../state/place.ts'

/** Moves the whole page through history, and back to now. */
export function TimeBar() {
  void changed.value
  const { at } = place.value
  const { events, head } = timeline.current
  // What is not loaded is asked for; what was dropped is gone.
  const first = missing.value?.why === 'dropped' ? missing.value.before : 0
  const isPast = at !== null
  const { nowMs } = moment.value
  const said = isPast ? `r${at}, ${clockText(nowMs, logNowMs.value)}` : 'now'
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
        const typed = draft.value ?? ''
        pointOf(typed).then(
          at => {
            draft.value = null
            pastFault.value = null
            go({ at })
          },
          (error: unknown) => {
            fault.value = true
            pastFault.value = `${typed.trim()}: ${error instanceof Error ? error.message : String(error)}`
          },
        )
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

/**
 * The revision that was typed: `r12`, `12`, `14:03`, `14:03:20`, or a date with a time; `null`: now. What lies before the events
 * that are loaded is asked of the server. Rejects, and says why.
 */
async function pointOf(text: string): Promise<number | null> {
  const typed = text.trim()
  if (typed === '' || typed === 'now' || typed === 'live') return null
  const revision = revisionOf(typed)
  if (revision !== null) {
    if (revision > timeline.current.head) throw new Error(`the newest revision is r${timeline.current.head}`)
    return revision
  }
  const isTime = /^\d{1,2}:\d{2}(:\d{2})?$/.test(typed)
  // Today is the day of the log, in the zone of whoever looks.
  const date = dayText(logNowMs.value)
  const ms = Date.parse(isTime ? `${date}T${typed.padStart(typed.length < 6 ? 5 : 8, '0')}` : typed)
  if (Number.isNaN(ms)) throw new Error('write a revision such as r120, or a time such as 14:03 or 2026-05-01 14:03')
  if (ms > logNowMs.value) throw new Error('this time is in the future')
  return revisionAt(ms)
}
