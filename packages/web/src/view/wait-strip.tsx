import type { WaitBar } from '../model/row-layout.ts'
import { waitEnd } from '../model/row-layout.ts'
import { spanText } from '../model/spans.ts'
import { moment } from '../state/page-state.ts'

/** Somebody waits behind the bar. */
export function WaitStrip({ wait, leftPx, widthPx }: WaitBar) {
  const { nowMs } = moment.value
  const waited = spanText(waitEnd(wait, nowMs) - wait.fromMs)
  const title = `${wait.waiter} ${wait.outcome === null ? 'waits' : 'waited'} ${waited}`
  return <span class="wait" title={title} style={{ left: `${leftPx}px`, width: `${widthPx}px` }} />
}
