import { computed, signal } from '@preact/signals'
import type { Fields } from '../model/log-event.ts'
import { LiveSet } from '../model/live-set.ts'
import type { Moment } from '../model/row-layout.ts'
import { DEFAULT_SPAN_MS } from '../model/time-window.ts'
import { Timeline } from '../model/timeline.ts'
import { logNowMs, silenceMs } from './own-clock.ts'
import { place } from './place.ts'

/** How the page stands to its server. */
export type Connection =
  | { readonly state: 'connecting' }
  | { readonly state: 'live' }
  /** `isAnswered`: the server said why it gives nothing; else nobody answers. */
  | { readonly state: 'reconnecting'; readonly because: string; readonly isAnswered: boolean }
  /** It has to be opened anew: the cookie is no good any more, or never was. */
  | { readonly state: 'shut-out'; readonly because: string }

/** The ledger that is shown, and those that there are. */
export const ledger = signal('default')
export const ledgers = signal<readonly string[]>([])
export const connection = signal<Connection>({ state: 'connecting' })
/** Goes up whenever timeline or live set have changed. */
export const changed = signal(0)

/** Both change in place; `changed` tells when. */
export const timeline = { current: new Timeline() }
export const live = { current: new LiveSet() }

/** The newest answer of `status`. */
export const status = signal<Fields | null>(null)
/** Why events before the first one that is loaded are missing; `null`: it begins with the ledger. */
export const missing = signal<{ readonly before: number; readonly why: 'not-loaded' | 'dropped' } | null>(null)
export const isLoaded = signal(false)

/** An earlier revision, once the server has told of it. */
export interface PastSet {
  readonly revision: number
  readonly set: LiveSet
}
/** Events around an earlier revision that are not among those that are kept up to date. */
export interface PastEvents {
  readonly from: number
  readonly to: number
  readonly timeline: Timeline
}
export const pastSet = signal<PastSet | null>(null)
export const pastEvents = signal<PastEvents | null>(null)
/** Why the point that was asked for cannot be shown. */
export const pastFault = signal<string | null>(null)

/** What this page may not do, each with what the server said of it. */
export const forbidden = signal<ReadonlyMap<string, string>>(new Map())

export const spanMs = signal<number>(DEFAULT_SPAN_MS)
/** The width of the time axis. */
export const axisPx = signal(0)

/** Nothing may be taken for known any more when the server was silent for so long. */
const SILENT_MS = 12_000

/** Whether a revision lies before the events that are kept up to date. */
export function isEarlier(revision: number): boolean {
  return missing.value?.why === 'not-loaded' && revision < missing.value.before
}

/** The events of the moment that the page shows; `null`: they are being read. */
export const shownTimeline = computed<Timeline | null>(() => {
  void changed.value
  const { at } = place.value
  if (at === null || !isEarlier(at)) return timeline.current
  const past = pastEvents.value
  return past !== null && past.from <= at && at <= past.to ? past.timeline : null
})

/** The point in history that the page shows. */
export const moment = computed<Moment>(() => {
  const { at } = place.value
  void changed.value
  if (at === null) return { nowMs: logNowMs.value, revision: null }
  return { nowMs: shownTimeline.value?.newestUntil(at)?.atMs ?? logNowMs.value, revision: at }
})

/** Whether there is a connection. */
export const isConnected = computed(() => connection.value.state === 'live')

/** Whether what was heard last still holds now. */
export const isFresh = computed(() => isConnected.value && silenceMs.value <= SILENT_MS)

export const sight = computed<'live' | 'stale' | 'past'>(() => {
  if (place.value.at !== null) return 'past'
  return isFresh.value ? 'live' : 'stale'
})

/** The live set of the moment that the page shows. */
export const shownSet = computed<LiveSet>(() => {
  void changed.value
  const { at } = place.value
  if (at === null) return live.current
  return pastSet.value?.revision === at ? pastSet.value.set : NOTHING
})
const NOTHING = new LiveSet()

/** Goes up when everything that was read is forgotten. */
export const forgotten = signal(0)

/** Forgets everything that was read: of another ledger, or of a history that is not this one any more. */
export function forget(): void {
  timeline.current = new Timeline()
  live.current = new LiveSet()
  isLoaded.value = false
  missing.value = null
  status.value = null
  pastSet.value = null
  pastEvents.value = null
  pastFault.value = null
  forgotten.value += 1
}

let isTouched = false

/** Tells the page once a frame that something has changed, however much it was. */
export function touch(): void {
  if (isTouched) return
  isTouched = true
  requestAnimationFrame(() => {
    isTouched = false
    changed.value += 1
  })
}
