import { computed, signal } from '@preact/signals'
import type { Fields } from '../model/log-event.ts'
import { LiveSet } from '../model/live-set.ts'
import type { Moment } from '../model/row-layout.ts'
import { DEFAULT_SPAN_MS } from '../model/time-window.ts'
import { Timeline } from '../model/timeline.ts'
import { place } from './place.ts'

/** How the page stands to its server. */
export type Connection =
  | { readonly state: 'connecting' }
  | { readonly state: 'live' }
  | { readonly state: 'reconnecting'; readonly because: string }
  /** It has to be opened anew: the cookie is no good any more, or never was. */
  | { readonly state: 'shut-out'; readonly because: string }

/** The ledger that is shown, and those that there are. */
export const ledger = signal('default')
export const ledgers = signal<readonly string[]>([])
export const connection = signal<Connection>({ state: 'connecting' })
/** When something was last heard from the server, on this machine's clock. */
export const heardAtMs = signal(0)
/** The log clock less this machine's clock. */
export const clockAheadMs = signal(0)
/** Moves once a second while somebody looks. */
export const clockMs = signal(Date.now())
/** Goes up whenever timeline or live set have changed. */
export const changed = signal(0)

/** Both change in place; `changed` tells when. */
export const timeline = { current: new Timeline() }
export const live = { current: new LiveSet() }

/** The newest answer of `status`. */
export const status = signal<Fields | null>(null)
/** Why events before the first one that is shown are missing; `null`: it begins with the ledger. */
export const missing = signal<{ readonly before: number; readonly why: 'not-loaded' | 'dropped' } | null>(null)
export const isLoaded = signal(false)

/** The live set of an earlier revision, once it was answered. */
export interface PastSet {
  readonly revision: number
  readonly set: LiveSet
}
export const pastSet = signal<PastSet | null>(null)
export const pastFault = signal<string | null>(null)

/** What this page may not do, each with what the server said of it. */
export const forbidden = signal<ReadonlyMap<string, string>>(new Map())

export const spanMs = signal<number>(DEFAULT_SPAN_MS)
/** The width of the time axis. */
export const axisPx = signal(0)

/** Nothing may be taken for known any more when the server was silent for so long. */
const SILENT_MS = 12_000

const logNowMs = computed(() => clockMs.value + clockAheadMs.value)

/** The point in history that the page shows. */
export const moment = computed<Moment>(() => {
  const { at } = place.value
  void changed.value
  if (at === null) return { nowMs: logNowMs.value, revision: null }
  const event = timeline.current.events[timeline.current.indexAfter(at) - 1]
  return { nowMs: event?.atMs ?? logNowMs.value, revision: at }
})

export const sight = computed<'live' | 'stale' | 'past'>(() => {
  if (place.value.at !== null) return 'past'
  const isSilent = clockMs.value - heardAtMs.value > SILENT_MS
  return connection.value.state === 'live' && !isSilent ? 'live' : 'stale'
})

/** The live set of the moment that the page shows. */
export const shownSet = computed<LiveSet>(() => {
  void changed.value
  const { at } = place.value
  if (at === null) return live.current
  return pastSet.value?.revision === at ? pastSet.value.set : NOTHING
})
const NOTHING = new LiveSet()
