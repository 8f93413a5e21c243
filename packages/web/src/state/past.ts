import { effect } from '@preact/signals'
import { ApiError, LedgerApi } from '../link/api.ts'
import { numberOf } from '../model/log-event.ts'
import { LiveSet, seedsOf } from '../model/live-set.ts'
import { Timeline } from '../model/timeline.ts'
import {
  forgotten,
  isConnected,
  isEarlier,
  ledger,
  missing,
  pastEvents,
  pastFault,
  pastSet,
  timeline,
} from './page-state.ts'
import { place } from './place.ts'
import { takeEvent } from './stream-item.ts'

/** How long a slider rests before the server is asked. */
const REST_MS = 120

/** Events that are read before and after an earlier revision, so that small moves ask for nothing. */
const READ_BEFORE = 20_000
const READ_AFTER = 2_000

/** What is read for a point may lie so close to the beginning of what is there; else more is read before it. */
const ROOM_BEFORE = 1_000

/** Reads what the page needs to show the revision that it is moved to. */
export function followPast(): void {
  effect(() => {
    const { at } = place.value
    const api = new LedgerApi(ledger.value)
    pastFault.value = null
    // What could not be read is asked for again when there is a connection.
    void [forgotten.value, isConnected.value]
    if (at === null) return undefined
    const isKnown = !isEarlier(at) || hasEvents(at)
    if (pastSet.peek()?.revision === at && isKnown) return undefined
    const stop = new AbortController()
    const read = async (): Promise<void> => {
      const [set] = await Promise.all([
        readSet(api, at, stop.signal),
        isKnown ? null : readEvents(api, at, stop.signal),
      ])
      if (!stop.signal.aborted) pastSet.value = { revision: at, set }
    }
    const timer = setTimeout(() => {
      read().catch((error: unknown) => {
        if (!stop.signal.aborted) pastFault.value = error instanceof Error ? error.message : String(error)
      })
    }, REST_MS)
    return () => {
      clearTimeout(timer)
      stop.abort()
    }
  })
}

/** The revision that was the newest at an instant. Rejects with an `ApiError`. */
export async function revisionAt(ms: number): Promise<number> {
  const known = timeline.current.newestAt(ms)
  // Before the first event that is loaded others may lie.
  if (known !== null) return known.revision
  const answer = await new LedgerApi(ledger.value).ask('leases', { at: new Date(ms).toISOString() })
  return numberOf(answer, 'head') ?? 0
}

async function readSet(api: LedgerApi, at: number, signal: AbortSignal): Promise<LiveSet> {
  return LiveSet.of((await api.ask('leases', { at: `r${at}` }, signal))['leases'])
}

function hasEvents(at: number): boolean {
  const known = pastEvents.peek()
  if (known === null || at < known.from || at > known.to) return false
  return known.from === 0 || at - known.from >= ROOM_BEFORE
}

async function readEvents(api: LedgerApi, at: number, signal: AbortSignal): Promise<void> {
  let from = Math.max(0, at - READ_BEFORE)
  const to = Math.min(at + READ_AFTER, (missing.peek()?.before ?? 1) - 1)
  const read = new Timeline()
  if (from > 0) read.seed(seedsOf(await leasesAt(api, from - 1, signal)))
  const enough = new AbortController()
  try {
    await api.follow('log', from - 1, {
      signal: AbortSignal.any([signal, enough.signal]),
      take: items => {
        for (const item of items) {
          const dropped = takeEvent(read, item)
          if (dropped !== null) from = dropped + 1
          if (Math.max(read.head, dropped ?? -1) >= to) return enough.abort()
        }
      },
    })
  } catch (error) {
    if (!enough.signal.aborted) throw error
  }
  if (!signal.aborted) pastEvents.value = { from, to, timeline: read }
}

/** The leases of a revision; none where it was dropped from the archive. */
async function leasesAt(api: LedgerApi, revision: number, signal: AbortSignal): Promise<unknown> {
  try {
    return (await api.ask('leases', { at: `r${revision}` }, signal))['leases']
  } catch (error) {
    if (error instanceof ApiError && error.status === 422) return []
    throw error
  }
}
