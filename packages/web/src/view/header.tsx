import { whenText } from '../model/spans.ts'
import { silenceMs } from '../state/own-clock.ts'
import { changed, connection, isFresh, ledger, ledgers, timeline } from '../state/page-state.ts'
import { go } from '../state/place.ts'
import mark from '../style/mark.svg'

export function Header() {
  const names = ledgers.value.includes(ledger.value) ? ledgers.value : [ledger.value, ...ledgers.value]
  return (
    <header class="header">
      <h1 class="brand">
        <img src={mark} alt="" width="26" height="26" />
        Holdfast
      </h1>
      {names.length > 1 ? (
        <label class="ledger">
          <span class="faint">Ledger</span>
          <select
            value={ledger.value}
            onChange={event => go({ ledger: event.currentTarget.value, why: null, at: null })}
          >
            {names.map(name => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
      ) : (
        <span class="ledger">
          <span class="faint">Ledger</span> <bdi>{ledger.value}</bdi>
        </span>
      )}
      <ConnectionState />
    </header>
  )
}

/** How far what is shown can be trusted: `as of r123, 3 s ago, reconnecting`. */
function ConnectionState() {
  void changed.value
  const { head } = timeline.current
  const asOf = head < 0 ? 'nothing read yet' : `as of r${head}, ${whenText(-silenceMs.value, 0)}`
  const { tone, text } = stateText()
  return (
    <p class={`connection ${tone}`}>
      <span class="dot" aria-hidden="true" />
      {/* Only the state is read out when it changes, not each second. */}
      <span role="status">{text}</span>
      <span class="as-of">{asOf}</span>
    </p>
  )
}

function stateText(): { readonly tone: string; readonly text: string } {
  switch (connection.value.state) {
    case 'connecting':
      return { tone: 'is-waiting', text: 'connecting' }
    case 'live':
      return isFresh.value ? { tone: 'is-live', text: 'connected' } : { tone: 'is-lost', text: 'silent, reconnecting' }
    case 'reconnecting':
      return { tone: 'is-lost', text: 'reconnecting' }
    case 'shut-out':
      return { tone: 'is-lost', text: 'not let in' }
  }
}
