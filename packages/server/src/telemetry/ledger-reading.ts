import { isExpired, type EpochMs, type LedgerState, type Revision } from '@holdfast/core'
import { isHolders } from '@holdfast/core/internal'
import { systemProbe } from '@holdfast/engine'
import type { HostedLedger } from '@holdfast/engine/served'
import { LeaseLiveness, queryLiveness, queryStatus, type LivenessSettings } from '@holdfast/projections'
import type { STATE_METRICS } from './ledger-metrics.ts'

/** One value of a gauge: its labels but for the ledger's, and the number. */
type Point = readonly [labels: Readonly<Record<string, string>>, value: number]

/** What a ledger is now, by gauge. */
export type LedgerReading = { readonly [M in keyof typeof STATE_METRICS]: readonly Point[] }

const VERDICTS = LeaseLiveness.shape.verdict.options

/** Reads what a ledger is. Those who ask at the same time get the same answer. */
export class LedgerReader {
  readonly #hosted: HostedLedger
  readonly #settings: LivenessSettings | undefined
  #reading: Promise<LedgerReading> | null = null
  /** The first place in line that was looked up last, and when it was taken. */
  #firstPlace: { readonly place: Revision; readonly takenAtMs: number } | null = null

  constructor(hosted: HostedLedger, settings: LivenessSettings | undefined) {
    this.#hosted = hosted
    this.#settings = settings
  }

  /** Reads on to the head and says what the ledger is. Rejects with a `StoreError`. */
  read(): Promise<LedgerReading> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = null
    })
    return this.#reading
  }

  async #read(): Promise<LedgerReading> {
    const { ledger, commands } = this.#hosted
    const { store, stream } = ledger
    const before = physicalHead(ledger.state)
    const state = await ledger.refresh()
    const foldLag = Math.max(0, physicalHead(state) - before)
    const nowMs = await ledger.now()
    const { waiting, halts, draining, unrecognised, closed, head } = queryStatus({ state }, nowMs)
    const overdueLeases = overdue(state, nowMs)
    const longestWaitMs = await this.#longestWaitMs(state, nowMs)
    const logEvents = await this.#logEvents(state)
    const { held, bytes } = await store.archive(stream)
    const { leases } = await queryLiveness(store, stream, { state }, { settings: this.#settings, probe: systemProbe })
    return {
      leases: VERDICTS.map(verdict => [{ verdict }, leases.filter(lease => lease.verdict === verdict).length]),
      overdueLeases,
      draining: plain(draining),
      halts: plain(halts),
      waiting: plain(waiting),
      longestWait: plain(longestWaitMs / 1000),
      queue: plain(commands.queued),
      foldLag: plain(foldLag),
      head: plain(head),
      logEvents: plain(logEvents),
      archiveEvents: plain(held?.events ?? 0),
      archiveBytes: plain(bytes),
      unrecognised: plain(unrecognised),
      closed: plain(closed === null ? 0 : 1),
    }
  }

  /** How long the first in line has waited. The state knows its place; when that was taken, the log says. */
  async #longestWaitMs({ tickets }: LedgerState, nowMs: EpochMs): Promise<number> {
    let first: { readonly place: Revision; readonly refreshedAtMs: number } | null = null
    for (const [, ticket] of tickets.live(nowMs)) if (first === null || ticket.place < first.place) first = ticket
    if (first === null) return 0
    if (this.#firstPlace?.place !== first.place) this.#firstPlace = await this.#looked(first)
    return Math.max(0, nowMs - this.#firstPlace.takenAtMs)
  }

  async #looked({ place, refreshedAtMs }: { readonly place: Revision; readonly refreshedAtMs: number }) {
    const { store, stream } = this.#hosted.ledger
    for await (const [entry] of store.read(stream, { from: place, limit: 1 })) {
      if (entry?.revision === place) return { place, takenAtMs: entry.recordedAt }
    }
    // It is in the archive, and a wait that is shown too short is better than a search at every look.
    return { place, takenAtMs: refreshedAtMs }
  }

  /** Events from the CHECKPOINT on with which the log begins. */
  async #logEvents(state: LedgerState): Promise<number> {
    const { store, stream } = this.#hosted.ledger
    for await (const [first] of store.read(stream, { limit: 1 })) {
      if (first === undefined) continue
      const offset = first.type === 'CHECKPOINT' ? first.data.offset : 0
      return physicalHead(state) - (first.revision - offset) + 1
    }
    return 0
  }
}

function plain(value: number): readonly Point[] {
  return [[{}, value]]
}

/** Where the newest event lies, without what a restore or a move has added: between positions there are no gaps. */
function physicalHead({ head, offset }: LedgerState): number {
  return head - offset
}

function overdue({ leases }: LedgerState, nowMs: EpochMs): readonly Point[] {
  let expired = 0
  let inGrace = 0
  for (const lease of leases.values()) {
    if (isExpired(lease, nowMs)) expired += 1
    else if (!isHolders(lease, nowMs)) inGrace += 1
  }
  return [
    [{ state: 'in-grace' }, inGrace],
    [{ state: 'expired' }, expired],
  ]
}
