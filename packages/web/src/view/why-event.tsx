import type { Lease } from '../model/live-set.ts'
import { fieldsOf, listOf, numberOf, readEvent, textOf, type Fields, type LogEvent } from '../model/log-event.ts'
import { askedOfLane, lanesOf, refusalOf } from '../model/requested.ts'
import { blockerText, codeText, sentenceOf } from '../model/sentence.ts'
import { capital } from '../model/judgement.ts'
import { clockText, whenText } from '../model/spans.ts'
import { logNowMs } from '../state/own-clock.ts'
import { go } from '../state/place.ts'
import { EventRef, NameRef } from './event-ref.tsx'

/** One event explained: what it says, what it followed from, and what came of it. */
export function WhyEvent({ answer }: { answer: Fields }) {
  const event = readEvent(answer['event'])
  if (event === null) return <p class="nothing">Nothing stands there.</p>
  const causedBy = readEvent(answer['causedBy'])
  const nowMs = logNowMs.value
  const by = fieldsOf(event.actor)
  return (
    <>
      <p class="lead" dir="auto">
        {capital(sentenceOf(event))}.
      </p>
      <dl class="facts">
        <Fact name="When">{`${clockText(event.atMs, nowMs)}, ${whenText(event.atMs, nowMs)}`}</Fact>
        {lanesOf(event).map(lane => (
          <Fact key={lane} name="Lane">
            <NameRef name={askedOfLane(lane, textOf(event.data, 'leaseId') ?? undefined)} text={lane} />
          </Fact>
        ))}
        {textOf(event.data, 'leaseId') === null ? null : (
          <Fact name="Lease">
            <NameRef name={textOf(event.data, 'leaseId') ?? ''} />
          </Fact>
        )}
        {event.runId === null ? null : <Fact name="Run">{event.runId}</Fact>}
        {by === null ? null : <Fact name="Written by">{processText(by)}</Fact>}
      </dl>
      {causedBy === null ? null : (
        <section>
          <h3>Because of</h3>
          <EventRef event={causedBy} withLane />
        </section>
      )}
      {event.type === 'REFUSE' ? <Refused event={event} answer={answer} nowMs={nowMs} /> : null}
      <button type="button" class="quiet" onClick={() => go({ at: event.revision, tab: 'timeline' })}>
        Show the page as it was at r{event.revision}
      </button>
    </>
  )
}

function Refused({ event, answer, nowMs }: { event: LogEvent; answer: Fields; nowMs: number }) {
  const { code, blockers, moreBlockers, retryAtMs } = refusalOf(event)
  // A refusal names leases of the live set: they have the shape of its leases.
  const heldThen = listOf(answer, 'blockers') as unknown as readonly Lease[]
  const later = fieldsOf(answer['grantedLater'])
  const laterRevision = later === null ? null : numberOf(later, 'revision')
  return (
    <>
      <section>
        <h3>What stood in the way</h3>
        <p>{capital(codeText(code))}.</p>
        <ul class="plain">
          {blockers.map(blocker => (
            <li key={`${blocker.leaseId}${blocker.ticket}`}>
              {blocker.leaseId === null ? null : <NameRef name={blocker.leaseId} />} {blockerText(blocker)}
            </li>
          ))}
          {moreBlockers > 0 ? <li class="faint">and {moreBlockers} more</li> : null}
        </ul>
        {heldThen.map(({ leaseId, holder, lastBeatAt, expiresAt }) => (
          <p key={leaseId} class="faint">
            <bdi>{holder}</bdi> had last beaten at {clockText(Date.parse(lastBeatAt), nowMs)}, and held it until{' '}
            {clockText(Date.parse(expiresAt), nowMs)} at least.
          </p>
        ))}
      </section>
      <section>
        <h3>What came of it</h3>
        {laterRevision === null ? (
          <p>
            It was not granted so far.{' '}
            {retryAtMs === null ? '' : `A retry makes sense ${whenText(retryAtMs, nowMs)} at the earliest.`}
          </p>
        ) : (
          <p>
            It was granted later: <NameRef name={`r${laterRevision}`} />
          </p>
        )}
      </section>
    </>
  )
}

export function Fact({ name, children }: { name: string; children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd dir="auto">{children}</dd>
    </div>
  )
}

export function processText(process: Fields): string {
  return `process ${numberOf(process, 'pid') ?? '?'} on ${textOf(process, 'host') ?? '?'}`
}
