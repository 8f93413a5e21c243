import { figuresOf } from '../model/figures.ts'
import { numberOf } from '../model/log-event.ts'
import { Timeline } from '../model/timeline.ts'
import { changed, missing, moment, shownSet, shownTimeline, status, timeline } from '../state/page-state.ts'
import { place } from '../state/place.ts'

/** While events are being read. */
const NOTHING = new Timeline()

export function FiguresBar() {
  void changed.value
  const { revision } = moment.value
  const shown = shownTimeline.value
  const isFromBeginning = missing.value === null
  const { perMinute, held, expired, holders, waiting, humans, refusedLastHour, isWholeHour } = figuresOf(
    shown ?? NOTHING,
    shownSet.value.leases,
    { ...moment.value, isFromBeginning },
  )
  const refused = shown === null ? '–' : isWholeHour ? refusedLastHour : `${refusedLastHour.toLocaleString('en')}+`
  const head = revision ?? timeline.current.head
  const draining = revision === null ? numberOf(status.value ?? {}, 'draining') : null
  return (
    <section class="figures" aria-label="Figures">
      <dl>
        <Figure name={place.value.at === null ? 'Head' : 'Revision'} value={head < 0 ? '–' : `r${head}`} />
        <Figure name="Held" value={shownSet.value.isKnown ? held : '–'} />
        <Figure name="Holders" value={shownSet.value.isKnown ? holders : '–'} />
        {expired > 0 ? <Figure name="Expired" value={expired} tone="warn" /> : null}
        {humans > 0 ? <Figure name="Waiting for a human" value={humans} tone="human" /> : null}
        <Figure name="In line" value={waiting} tone={waiting > 0 ? 'warn' : ''} />
        <Figure name="Refused, last hour" value={refused} tone={refusedLastHour > 0 ? 'warn' : ''} />
        {draining !== null && draining > 0 ? <Figure name="Draining" value={draining} tone="warn" /> : null}
        <Figure name="Events a minute" value={perMinute} />
      </dl>
    </section>
  )
}

function Figure({ name, value, tone = '' }: { name: string; value: string | number; tone?: string }) {
  return (
    <div class={`figure ${tone}`}>
      <dt>{name}</dt>
      <dd>{typeof value === 'number' ? value.toLocaleString('en') : value}</dd>
    </div>
  )
}
