import { ApiError, askLedgers, askRights, LedgerApi } from '../link/api.ts'
import type { StreamEvent } from '../link/event-stream.ts'
import { fieldsOf, numberOf, readEvent, textOf, type Fields } from '../model/log-event.ts'
import { LiveSet, type Lease } from '../model/live-set.ts'
import { Timeline } from '../model/timeline.ts'
import { forbiddenBy } from '../model/rights.ts'
import * as page from './page-state.ts'
import { place } from './place.ts'

/** Events that are loaded at first; earlier ones come when somebody asks. */
const LOADED_AT_FIRST = 100_000

const STATUS_EVERY_MS = 4_000
const AGAIN_MS = [300, 600, 1_200, 2_500, 5_000] as const

/** Connects the page with a ledger, and keeps it connected until it is told to stop. */
export function connect(name: string): () => void {
  const stop = new AbortController()
  const api = new LedgerApi(name)
  page.ledger.value = name
  page.timeline.current = new Timeline()
  page.live.current = new LiveSet()
  page.isLoaded.value = false
  page.missing.value = null
  page.status.value = null
  page.connection.value = { state: 'connecting' }
  touch()
  void stayConnected(api, stop.signal)
  return () => stop.abort()
}

async function stayConnected(api: LedgerApi, stopped: AbortSignal): Promise<void> {
  let attempt = 0
  while (!stopped.aborted) {
    await isVisible(stopped)
    const lost = new AbortController()
    const signal = AbortSignal.any([stopped, lost.signal])
    const hidden = (): void => {
      if (document.hidden) lost.abort()
    }
    document.addEventListener('visibilitychange', hidden)
    try {
      await once(api, signal, () => {
        attempt = 0
      })
      lose('the server ended the stream')
    } catch (error) {
      if (!stopped.aborted) lose(error instanceof Error ? error.message : String(error), error)
    } finally {
      document.removeEventListener('visibilitychange', hidden)
      lost.abort()
    }
    if (stopped.aborted) return
    await pause(AGAIN_MS[Math.min(attempt, AGAIN_MS.length - 1)] ?? 0, stopped)
    attempt += 1
  }
}

/** Follows all streams until one of them ends. */
async function once(api: LedgerApi, signal: AbortSignal, connected: () => void): Promise<void> {
  await lookAtStatus(api, signal)
  page.ledgers.value = await askLedgers().catch(() => page.ledgers.value)
  page.forbidden.value = await askRights().then(forbiddenBy, () => page.forbidden.value)
  const after = await beginning(api, signal)
  connected()
  page.connection.value = { state: 'live' }
  const { timeline, live } = page
  /** What came while what was live before it is asked for; `null`: nothing is asked for. */
  let kept: StreamEvent[] | null = null
  const takeKept = (): void => {
    const items = kept ?? []
    kept = null
    events(items)
  }
  const events = (items: readonly StreamEvent[]): void => {
    for (const [at, item] of items.entries()) {
      if (kept !== null) return void kept.push(...items.slice(at))
      const dropped = takeEvent(timeline.current, item)
      if (dropped === null || timeline.current.head >= 0) continue
      kept = []
      void seedAt(dropped + 1, api, signal).finally(takeKept)
    }
    page.isLoaded.value ||= timeline.current.head >= headNow()
    heard()
  }
  await Promise.race([
    api.follow('log', after, { take: events, signal }),
    api.follow('leases', null, { take: each(item => live.current.take(item)), signal }),
    api.follow('liveness', null, { take: each(item => live.current.judge(item)), signal }),
    watchStatus(api, signal),
  ])
}

/** Where to begin to read: after what is there already, or at the first event that fits, with what was live then. */
async function beginning(api: LedgerApi, signal: AbortSignal): Promise<number | null> {
  const timeline = page.timeline.current
  if (timeline.head >= 0) return timeline.head
  const first = headNow() - LOADED_AT_FIRST
  if (first <= 0) return null
  // Where it was dropped from the archive, the stream says what is left.
  if (!(await seedAt(first, api, signal))) return null
  page.missing.value = { before: first + 1, why: 'not-loaded' }
  return first
}

/** Draws what was live at a revision. False where the server does not know it any more. */
async function seedAt(revision: number, api: LedgerApi, signal: AbortSignal): Promise<boolean> {
  try {
    const { leases } = await api.ask('leases', { at: `r${revision}` }, signal)
    page.timeline.current.seed(seedsOf(leases))
    return true
  } catch (error) {
    if (error instanceof ApiError && error.status === 422) return false
    throw error
  }
}

function headNow(): number {
  return numberOf(page.status.value ?? {}, 'head') ?? -1
}

function seedsOf(leases: unknown) {
  const list = Array.isArray(leases) ? (leases as readonly Lease[]) : []
  return list.map(({ ownedSince, ...lease }) => ({ ...lease, ownedSinceMs: Date.parse(ownedSince) }))
}

/** Takes an event of the stream of the log: an entry, or that some are missing; then it answers up to which revision. */
function takeEvent(timeline: Timeline, { event, data }: StreamEvent): number | null {
  const fields = parsed(data)
  if (fields === null) return null
  if (event === 'truncated') {
    const to = numberOf(fields, 'to') ?? 0
    page.missing.value = { before: to + 1, why: 'dropped' }
    return to
  }
  const entry = readEvent(fields)
  if (entry !== null) timeline.take(entry)
  return null
}

async function watchStatus(api: LedgerApi, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await pause(STATUS_EVERY_MS, signal)
    if (!signal.aborted) await lookAtStatus(api, signal)
  }
}

async function lookAtStatus(api: LedgerApi, signal: AbortSignal): Promise<void> {
  const before = Date.now()
  const status = await api.ask('status', {}, signal)
  const now = textOf(status, 'now')
  if (now !== null) page.clockAheadMs.value = Date.parse(now) - (before + Date.now()) / 2
  page.status.value = status
  heard()
}

function lose(because: string, error?: unknown): void {
  const shutOut = error instanceof ApiError && (error.status === 401 || error.status === 403)
  page.connection.value = shutOut ? { state: 'shut-out', because } : { state: 'reconnecting', because }
}

const each = (take: (item: unknown) => void) => (items: readonly StreamEvent[]) => {
  for (const { data } of items) take(parsed(data))
  heard()
}

function heard(): void {
  page.heardAtMs.value = Date.now()
  touch()
}

let isTouched = false

/** Tells the page once a frame that something has changed, however much it was. */
function touch(): void {
  if (isTouched) return
  isTouched = true
  requestAnimationFrame(() => {
    isTouched = false
    page.changed.value += 1
  })
}

function parsed(data: string): Fields | null {
  try {
    return fieldsOf(JSON.parse(data))
  } catch {
    return null
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true })
  })
}

/** A page that nobody sees holds no connections: a browser has few for one server. */
function isVisible(signal: AbortSignal): Promise<void> {
  if (!document.hidden) return Promise.resolve()
  return new Promise(resolve => {
    const look = (): void => {
      if (document.hidden) return
      document.removeEventListener('visibilitychange', look)
      resolve()
    }
    document.addEventListener('visibilitychange', look)
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** The ledger that the address names, or the first that there is. */
export async function chosenLedger(): Promise<string> {
  if (place.value.ledger !== null) return place.value.ledger
  const names = await askLedgers().catch((): readonly string[] => [])
  page.ledgers.value = names
  return names.includes('default') ? 'default' : (names[0] ?? 'default')
}
