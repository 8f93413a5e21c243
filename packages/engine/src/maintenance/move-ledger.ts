import { randomUUID } from 'node:crypto'
import type { EpochMs, LogEntry, Revision } from '@holdfast/core'
import { readHistory, StoreError, type LogStore } from '@holdfast/store'
import { historyLength } from '@holdfast/store/internal'
import type { Ledger } from '../ledger/ledger.ts'
import { openLeanLedgerOn, type OpenLedgerOptions } from '../ledger/open-ledger.ts'
import { checkLedger, checkOptions, checkStore } from '../check-given.ts'
import { checkMovable, movedAlready } from './check-movable.ts'
import { exportedEvent } from './export-format.ts'
import { HistoryWriter } from './history-writer.ts'
import type { OnProgress } from './work-progress.ts'
import { written } from './written.ts'

export interface MoveReport {
  readonly ledgerId: string
  readonly movedTo: string
  /** Events that were copied by this run; an earlier, interrupted one has copied the others. */
  readonly copied: number
  /** Revision with which the ledger goes on in its new place. */
  readonly head: number
}

export interface MoveOptions extends Pick<OpenLedgerOptions, 'actor' | 'bootClock' | 'timers'> {
  readonly reason?: string | undefined
  readonly onProgress?: OnProgress | undefined
  /** `checkMovable` has just been asked. */
  readonly checked?: boolean | undefined
}

/**
 * Moves a ledger to another store: a last CHECKPOINT closes it here and names the new place, the whole history is copied
 * at its revisions and times, and a CHECKPOINT opens it there, with a clock that goes on from the last `recordedAt`
 * whatever the new store's clock shows; from a store whose clock can step it goes on later, by the bound of a step.
 * Interrupted anywhere it can be run again, and goes on where it was. What stands in the way of it is found before
 * anything is closed; `checkMovable` finds what of that lies here before there is a new place.
 *
 * Rejects with a `StoreError`: `invalid` when the new place is not empty (of anything but a part of this history), `moved`
 * when this ledger continues elsewhere already, `ledger-newer`, `backup` and `corrupt` when it can not be closed or read
 * here, and the stores' own. Leaves both stores open.
 */
export async function moveLedger(from: Ledger, to: LogStore, options: MoveOptions = {}): Promise<MoveReport> {
  checkLedger(from, 'from')
  checkStore(to, 'to')
  checkOptions(options, { reason: 'text', onProgress: 'function', checked: 'boolean' })
  const { store: source, stream } = from
  await checkPlace(from, to)
  if (options.checked !== true) await checkMovable(from, to.url, options.onProgress)
  await closeBehind(from, to.url, options.reason)
  const copied = await copy(source, to, stream, options.onProgress)
  const clockWaitsMs = source.clock === 'steady' ? 0 : from.config.clockStepBoundMs
  const head = await arrive(to, stream, { ...options, clockWaitsMs })
  return { ledgerId: from.ledgerId, movedTo: to.url, copied, head }
}

/** The new place holds nothing, or the beginning of this very history, or has been going on since an earlier run. */
async function checkPlace(from: Ledger, to: LogStore): Promise<void> {
  const { store: source, stream } = from
  if (to.url === source.url) throw new StoreError('invalid', `The ledger is at ${to.url} already.`)
  const head = await to.head(stream)
  if (head === 'none') return
  const { head: end, movedTo } = await from.refresh()
  const isBehind = end !== -1 && head <= end
  const common = isBehind ? head : end
  const fits = (isBehind || movedTo === to.url) && common !== -1
  if (fits && isSame(await entryAt(to, stream, common), await entryAt(source, stream, common))) return
  const message = `${to.url} holds another ledger ${JSON.stringify(stream)} already. Move to an empty place.`
  throw new StoreError('invalid', message)
}

async function closeBehind(from: Ledger, url: string, reason: string | undefined): Promise<void> {
  const { movedTo } = await from.refresh()
  if (movedTo === null) written(await from.checkpoint({ movedTo: url, reason }))
  const { movedTo: closedFor } = await from.refresh()
  if (closedFor === url) return
  throw movedAlready(closedFor)
}

async function copy(
  source: LogStore,
  to: LogStore,
  stream: string,
  onProgress: OnProgress = () => undefined,
): Promise<number> {
  const head = await to.head(stream)
  const total = await historyLength(source, stream)
  let writer: HistoryWriter | null = null
  let done = 0
  let copied = 0
  for await (const entries of readHistory(source, stream)) {
    for (const entry of entries) {
      const event = exportedEvent(entry)
      writer ??= HistoryWriter.from(to, stream, { first: event, head })
      if (head !== 'none' && entry.revision <= head) continue
      await writer.add(event)
      copied += 1
    }
    done += entries.length
    onProgress({ step: 'copying', unit: 'events', done, total })
  }
  await writer?.flush()
  return copied
}

interface Arrival extends MoveOptions {
  /** By how much later the clock goes on: the old place's may have run ahead by so much since the beats of what is live. */
  readonly clockWaitsMs: number
}

/** Opens the ledger in its new place, unless an earlier run has; gives the revision at which it stands there. */
async function arrive(
  to: LogStore,
  stream: string,
  { reason, clockWaitsMs, onProgress: _, ...opening }: Arrival,
): Promise<Revision> {
  // Not to be closed: it would close the store with itself, which is the caller's.
  const ledger = await openLeanLedgerOn(to, { ...opening, ledger: stream, create: false })
  const { movedTo } = await ledger.refresh()
  if (movedTo === to.url) {
    const clockOffset = (await newestRecordedAt(to, stream)) - (await storeClock(to)) - clockWaitsMs
    written(await ledger.checkpoint({ arrivedAt: to.url, clockOffset, reason }))
  }
  const { head, movedTo: closedFor } = await ledger.refresh()
  if (head === -1 || closedFor !== null) throw new StoreError('corrupt', `The ledger did not arrive at ${to.url}.`)
  return head
}

/** The store's own time, on which no ledger has any bearing: that of a stream which is not there. */
function storeClock(store: LogStore): Promise<EpochMs> {
  return store.now(`clock-${randomUUID()}`)
}

async function newestRecordedAt(store: LogStore, stream: string): Promise<number> {
  for await (const [entry] of store.read(stream, { direction: 'backwards', limit: 1 })) {
    if (entry !== undefined) return entry.recordedAt
  }
  throw new StoreError('corrupt', `There is no ledger at ${store.url} after it was copied.`)
}

async function entryAt(store: LogStore, stream: string, revision: Revision): Promise<LogEntry | undefined> {
  for await (const [entry] of readHistory(store, stream, { from: revision })) {
    return entry?.revision === revision ? entry : undefined
  }
  return undefined
}

function isSame(a: LogEntry | undefined, b: LogEntry | undefined): boolean {
  return a !== undefined && b !== undefined && exportedEvent(a).eventId === exportedEvent(b).eventId
}
