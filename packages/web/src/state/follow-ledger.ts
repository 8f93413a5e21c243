import { ApiError, askLedgers, askRights, type LedgerApi } from '../link/api.ts'
import type { StreamEvent } from '../link/event-stream.ts'
import { seedsOf } from '../model/live-set.ts'
import { numberOf, readEvent, textOf } from '../model/log-event.ts'
import { forbiddenBy } from '../model/rights.ts'
import { heardAt, logAheadMs, ownInstant } from './own-clock.ts'
import * as page from './page-state.ts'
import { pause } from './pause.ts'
import { parsed, takeEvent } from './stream-item.ts'

/** Events that are loaded at first; earlier ones are read when somebody looks at them. */
const LOADED_AT_FIRST = 100_000

const STATUS_EVERY_MS = 4_000

/** What was read belongs to another history: the ledger was restored, replaced, or cut beyond what is known here. */
export class HistoryChanged extends Error {}

/** Follows a ledger until its stream ends. Rejects with an `ApiError`, and with `HistoryChanged`. */
export async function followLedger(api: LedgerApi, stop: AbortSignal, connected: () => void): Promise<void> {
  await lookAtStatus(api, stop)
  page.ledgers.value = await askLedgers().catch(() => page.ledgers.value)
  page.forbidden.value = await askRights().then(forbiddenBy, () => page.forbidden.value)
  const after = await beginning(api, stop)
  connected()
  page.connection.value = { state: 'live' }
  const ended = new AbortController()
  const signal = AbortSignal.any([stop, ended.signal])
  const reader = new Reader(api, signal)
  try {
    await Promise.race([
      api.follow('follow', after, { take: items => reader.take(items), signal }),
      watchStatus(api, signal),
      reader.failed,
    ])
  } finally {
    ended.abort()
  }
  if (reader.lastWords !== null) throw new Error(reader.lastWords)
}

/** Takes what the stream says, in order. */
class Reader {
  /** Why the server ended the stream. */
  lastWords: string | null = null
  readonly failed: Promise<never>
  readonly #api: LedgerApi
  readonly #signal: AbortSignal
  #fail: (error: unknown) => void = () => {}
  /** Events of the log that came while what was live before them is asked for; `null`: nothing is asked for. */
  #kept: StreamEvent[] | null = null

  constructor(api: LedgerApi, signal: AbortSignal) {
    this.#api = api
    this.#signal = signal
    this.failed = new Promise((_, reject) => (this.#fail = reject))
  }

  take(items: readonly StreamEvent[]): void {
    for (const item of items) this.#takeOne(item)
    const { head, events } = page.timeline.current
    page.isLoaded.value ||= head >= headNow()
    const [oldest] = events
    if (oldest !== undefined && page.timeline.current.isCut && page.missing.value?.before !== oldest.revision) {
      page.missing.value = { before: oldest.revision, why: 'not-loaded' }
    }
    heard()
  }

  #takeOne(item: StreamEvent): void {
    switch (item.event) {
      case 'entry':
      case 'truncated':
        if (this.#kept === null) this.#takeOfLog(item)
        else this.#kept.push(item)
        return
      case 'all':
      case 'changes':
        return page.live.current.take(parsed(item.data))
      case 'verdict':
        return page.live.current.judge(parsed(item.data))
      case 'moved':
      case 'cut': {
        const said = parsed(item.data) ?? {}
        this.lastWords = textOf(said, 'message') ?? textOf(said, 'reason')
      }
    }
  }

  #takeOfLog(item: StreamEvent): void {
    const timeline = page.timeline.current
    if (item.event === 'entry' && isOfAnother(item)) throw new HistoryChanged('this ledger has another history now')
    const dropped = takeEvent(timeline, item)
    if (dropped === null) return
    if (timeline.head >= 0 && dropped > timeline.head) throw new HistoryChanged('events were dropped meanwhile')
    if (timeline.head >= 0) return
    page.missing.value = { before: dropped + 1, why: 'dropped' }
    this.#kept = []
    const goOn = (): void => {
      const items = this.#kept ?? []
      this.#kept = null
      this.take(items)
    }
    seedAt(dropped + 1, this.#api, this.#signal)
      .then(goOn)
      .catch(this.#fail)
  }
}

/** Whether an entry says that what is known at its revision was never recorded. */
function isOfAnother({ id, data }: StreamEvent): boolean {
  const newest = page.timeline.current.events.at(-1)
  if (newest === undefined || id !== String(newest.revision)) return false
  return readEvent(parsed(data))?.eventId !== newest.eventId
}

/**
 * After which revision to begin to read: before the newest that is there already, which shows that it is the same history; or
 * before the first event that fits, with what was live then.
 */
async function beginning(api: LedgerApi, signal: AbortSignal): Promise<number | null> {
  const { head } = page.timeline.current
  if (head > headNow()) throw new HistoryChanged('this ledger has fewer events than before')
  if (head >= 0) return head === 0 ? null : head - 1
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

async function watchStatus(api: LedgerApi, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await pause(STATUS_EVERY_MS, signal)
    if (!signal.aborted) await lookAtStatus(api, signal)
  }
}

async function lookAtStatus(api: LedgerApi, signal: AbortSignal): Promise<void> {
  const before = performance.now()
  const status = await api.ask('status', {}, signal)
  const known = page.status.value
  if (known !== null && known['ledgerId'] !== status['ledgerId']) throw new HistoryChanged('this is another ledger now')
  const now = textOf(status, 'now')
  if (now !== null) logAheadMs.value = Date.parse(now) - (before + performance.now()) / 2
  page.status.value = status
  heard()
}

function heard(): void {
  heardAt.value = ownInstant()
  page.touch()
}
