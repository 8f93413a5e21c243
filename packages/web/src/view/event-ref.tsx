import type { LogEvent } from '../model/log-event.ts'
import { lanesOf } from '../model/requested.ts'
import { sentenceOf } from '../model/sentence.ts'
import { clockText } from '../model/spans.ts'
import { moment } from '../state/page-state.ts'
import { addressOf } from '../state/place.ts'

/** One event in words, with the way to more of it. */
export function EventRef({ event, withLane = false }: { event: LogEvent; withLane?: boolean }) {
  return (
    <div class="event-ref">
      <a href={addressOf({ why: `r${event.revision}` })}>r{event.revision}</a>
      <time class="faint" dateTime={new Date(event.atMs).toISOString()}>
        {clockText(event.atMs, moment.value.nowMs)}
      </time>
      <span dir="auto">
        {withLane ? (
          <>
            <bdi class="strong">{lanesOf(event).join(' ')}</bdi>{' '}
          </>
        ) : null}
        {sentenceOf(event)}
      </span>
    </div>
  )
}

/** A name that leads to what is known of it. */
export function NameRef({ name, text = name }: { name: string; text?: string }) {
  return (
    <a href={addressOf({ why: name })}>
      <bdi>{text}</bdi>
    </a>
  )
}
