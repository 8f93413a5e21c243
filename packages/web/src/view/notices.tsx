import { connection, isEarlier, missing, pastEvents, pastFault, status } from '../state/page-state.ts'
import { fieldsOf, textOf } from '../model/log-event.ts'
import { place } from '../state/place.ts'

/** What somebody has to know before they believe the page. */
export function Notices() {
  const closed = fieldsOf(status.value?.['closed'])
  const from = place.value.at === null || !isEarlier(place.value.at) ? missing.value : null
  const past = place.value.at !== null && isEarlier(place.value.at) ? pastEvents.value : null
  return (
    <section class="notices" aria-label="Notices" aria-live="polite">
      {connection.value.state === 'reconnecting' ? (
        <p class="notice bad">
          {connection.value.isAnswered ? (
            <strong>The server cannot show this ledger.</strong>
          ) : (
            <strong>The server does not answer.</strong>
          )}{' '}
          What you see is the last that was read; verdicts are hidden until it answers again.{' '}
          {connection.value.isAnswered ? null : (
            <>
              Is <code>holdfast serve</code> running?{' '}
            </>
          )}
          <span class="faint">{connection.value.because}</span>
        </p>
      ) : null}
      {connection.value.state === 'shut-out' ? (
        <p class="notice bad">
          <strong>This page is not let in.</strong> Its code was used or has expired. Ask for a new address:{' '}
          <code>holdfast serve --open</code> <span class="faint">{connection.value.because}</span>
        </p>
      ) : null}
      {closed === null ? null : (
        <p class="notice warn">
          <strong>This ledger grants nothing now.</strong> {textOf(closed, 'message')}
        </p>
      )}
      {from === null ? null : (
        <p class="notice">
          {from.why === 'dropped'
            ? `Events before r${from.before} were dropped from the archive: what was before cannot be shown.`
            : `The newest events are loaded, from r${from.before} on. Leases that began earlier are shown without their beginning. Move the slider to see what was before.`}
        </p>
      )}
      {past === null ? null : (
        <p class="notice">
          Events r{past.from} to r{past.to} were read for this point. What lies outside of them is not drawn.
        </p>
      )}
      {pastFault.value === null ? null : <p class="notice bad">That point cannot be shown: {pastFault.value}</p>}
    </section>
  )
}
