import { effect } from '@preact/signals'
import { LedgerApi } from '../link/api.ts'
import { LiveSet } from '../model/live-set.ts'
import { ledger, pastFault, pastSet } from './page-state.ts'
import { place } from './place.ts'

/** How long a slider rests before the server is asked. */
const REST_MS = 120

/** Asks for the live set of the revision that the page is moved to. */
export function followPast(): void {
  effect(() => {
    const { at } = place.value
    const name = ledger.value
    pastFault.value = null
    if (at === null || pastSet.peek()?.revision === at) return undefined
    const stop = new AbortController()
    const timer = setTimeout(() => {
      new LedgerApi(name).ask('leases', { at: `r${at}` }, stop.signal).then(
        answer => {
          if (!stop.signal.aborted) pastSet.value = { revision: at, set: LiveSet.of(answer['leases']) }
        },
        (error: unknown) => {
          if (!stop.signal.aborted) pastFault.value = error instanceof Error ? error.message : String(error)
        },
      )
    }, REST_MS)
    return () => {
      clearTimeout(timer)
      stop.abort()
    }
  })
}
