import { signal } from '@preact/signals'

export const TABS = ['timeline', 'leases', 'contention', 'log'] as const
export type Tab = (typeof TABS)[number]

/** Where somebody is in the page. It stands in the address behind `#`, so that it can be sent to others. */
export interface Place {
  readonly tab: Tab
  /** The revision that is looked at; `null`: now. */
  readonly at: number | null
  /** What is explained: `r12`, a lease or a lane. */
  readonly why: string | null
  readonly ledger: string | null
}

export const place = signal<Place>(read(location.hash))

addEventListener('hashchange', () => {
  place.value = read(location.hash)
})

/** Goes somewhere; what is not named stays. `replace` leaves no step to go back to. */
export function go(to: Partial<Place>, { replace = false } = {}): void {
  const next = addressOf(to)
  if (next === location.hash) return
  if (replace) {
    history.replaceState(null, '', next)
    place.value = read(next)
  } else location.hash = next
}

/** The address of a place, for links. */
export function addressOf(to: Partial<Place>): string {
  const { tab, at, why, ledger } = { ...place.value, ...to }
  const query = new URLSearchParams()
  if (ledger !== null) query.set('ledger', ledger)
  if (tab !== 'timeline') query.set('tab', tab)
  if (at !== null) query.set('at', `r${at}`)
  if (why !== null) query.set('why', why)
  return `#${query.toString()}`
}

function read(hash: string): Place {
  const query = new URLSearchParams(hash.replace(/^#/, ''))
  const at = /^r?(\d{1,15})$/.exec(query.get('at') ?? '')?.[1]
  return {
    tab: TABS.find(tab => tab === query.get('tab')) ?? 'timeline',
    at: at === undefined ? null : Number(at),
    why: query.get('why'),
    ledger: query.get('ledger'),
  }
}
