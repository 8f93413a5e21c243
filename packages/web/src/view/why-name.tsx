import type { Lease } from '../model/live-set.ts'
import { fieldsOf, listOf, readEvent, textOf, type Fields, type LogEvent } from '../model/log-event.ts'
import { lanesOf, laneOfLease } from '../model/requested.ts'
import { codeText } from '../model/sentence.ts'
import { clockText, spanText, whenText } from '../model/spans.ts'
import { logNowMs } from '../state/own-clock.ts'
import { changed, isFresh, live, timeline } from '../state/page-state.ts'
import { capital, judgementOf } from '../model/judgement.ts'
import { Actions } from './actions.tsx'
import { EventRef, NameRef } from './event-ref.tsx'
import { Fact, processText } from './why-event.tsx'

/** Events of a lane that are shown. */
const EVENTS_SHOWN = 30

/** A lane or a lease now, and how it came to that. */
export function WhyName({ name, answer }: { name: string; answer: Fields }) {
  void changed.value
  const leases = [...live.current.leases.values()].filter(({ lane, leaseId }) => lane === name || leaseId === name)
  const nowMs = logNowMs.value
  const waiting = listOf(answer, 'waiting')
  const drains = listOf(answer, 'draining')
  const blocked = fieldsOf(answer['blocked'])
  const orphans = listOf(answer, 'orphans')
  return (
    <>
      {leases.length === 0 ? <p class="lead">Nobody holds it now.</p> : null}
      {leases.map(lease => (
        <LeaseNow key={lease.leaseId} lease={lease} nowMs={nowMs} />
      ))}
      {blocked === null || leases.length > 0 ? null : (
        <p class="notice warn">An acquire would be refused: {codeText(textOf(blocked, 'code') ?? 'refused')}.</p>
      )}
      {drains.map(drain => (
        <p key={String(drain['token'])} class="notice warn">
          Draining until {clockText(Date.parse(textOf(drain, 'until') ?? ''), nowMs)}:{' '}
          <bdi>{textOf(drain, 'holder')}</bdi> lost it by force, and may still believe in it.
        </p>
      ))}
      {orphans.length === 0 ? null : (
        <p class="notice warn">It expired, and a child process of its holder may still run.</p>
      )}
      {waiting.length === 0 ? null : (
        <section>
          <h3>Waiting in line</h3>
          <ol class="plain">
            {waiting.map(ticket => (
              <li key={String(ticket['place'])}>
                <bdi class="strong">{textOf(ticket, 'holder')}</bdi> since{' '}
                <NameRef name={`r${String(ticket['place'])}`} />
              </li>
            ))}
          </ol>
        </section>
      )}
      <Events name={name} answer={answer} />
    </>
  )
}

function LeaseNow({ lease, nowMs }: { lease: Lease; nowMs: number }) {
  // It is about now, also where the page shows the past.
  const sight = isFresh.value ? 'live' : 'stale'
  const state = judgementOf(lease, live.current.verdictOn(lease), { nowMs, sight })
  return (
    <>
      <p class="lead">
        <span class={`chip ${state.tone}`}>{state.label}</span>{' '}
        {state.tone === 'expired' ? 'Nobody holds it now. Its last holder was' : 'Held by'}{' '}
        <bdi class="strong">{lease.holder}</bdi>
        {state.tone === 'expired' ? '.' : ` for ${spanText(nowMs - Date.parse(lease.ownedSince))}.`}
      </p>
      <section>
        <h3>Evidence</h3>
        <ul class="plain evidence">
          {state.evidence.map(line => (
            <li key={line}>{capital(line)}</li>
          ))}
        </ul>
      </section>
      <dl class="facts">
        <Fact name="Lease">{lease.leaseId}</Fact>
        <Fact name="Token">{lease.token}</Fact>
        <Fact name="Granted by">
          <NameRef name={`r${lease.token}`} />
        </Fact>
        <Fact name="Safe until">{`${clockText(Date.parse(lease.safeUntil), nowMs)}, ${whenText(Date.parse(lease.safeUntil), nowMs)}`}</Fact>
        <Fact name="Expires">{`${clockText(Date.parse(lease.expiresAt), nowMs)}, ${whenText(Date.parse(lease.expiresAt), nowMs)}`}</Fact>
        {lease.process === null ? (
          <Fact name="Process">bound to none</Fact>
        ) : (
          <Fact name="Process">{processText(lease.process)}</Fact>
        )}
        {lease.runId === null ? null : <Fact name="Run">{lease.runId}</Fact>}
        {lease.region.length === 0 ? null : <Fact name="Region">{lease.region.join('  ')}</Fact>}
      </dl>
      <Actions lease={lease} nowMs={nowMs} />
    </>
  )
}

/** The newest events about it: those of the answer, or those that are loaded. */
function Events({ name, answer }: { name: string; answer: Fields }) {
  const said = [...listOf(answer, 'refusals'), ...listOf(answer, 'events')].flatMap(line => readEvent(line) ?? [])
  const known = new Map<number, LogEvent>(said.map(event => [event.revision, event]))
  const lane = timeline.current.lanes.has(name) ? name : laneOfLease(name)
  for (let at = timeline.current.events.length - 1; at >= 0 && known.size < EVENTS_SHOWN * 2; at -= 1) {
    const event = timeline.current.events[at]
    if (event === undefined || timeline.current.events.length - at > LOOK_BACK_MAX) break
    if (event.type !== 'HEARTBEAT' && lanesOf(event).includes(lane)) known.set(event.revision, event)
  }
  const events = [...known.values()].sort((a, b) => b.revision - a.revision).slice(0, EVENTS_SHOWN)
  if (events.length === 0) return <p class="faint">Nothing is recorded about it.</p>
  return (
    <section>
      <h3>How it came to that</h3>
      {events.map(event => (
        <EventRef key={event.revision} event={event} />
      ))}
    </section>
  )
}

/** Loaded events that are looked through. */
const LOOK_BACK_MAX = 20_000
