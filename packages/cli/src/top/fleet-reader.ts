import type { LogEntry } from '@holdfast/core'
import { decisionTime, NOTHING_WATCHED } from '@holdfast/core/internal'
import type { Ledger } from '@holdfast/engine/lean'
import {
  drainingViews,
  pendingHalts,
  queryLeases,
  queryLiveness,
  type QueryLivenessOptions,
} from '@holdfast/projections'
import { spawnViews, waitViews } from '@holdfast/projections/internal'
import { continuesAt } from '@holdfast/store/internal'
import { COUNTED_MS, EVENTS_KEPT, isTold, RecentEvents } from './recent-events.ts'
import type { Snapshot } from './snapshot.ts'
import { waiters } from './waiters.ts'

/** Entries of the past that are read at most at the start. */
const READ_BACK_MAX = 20_000

/**
 * A ledger as `top` shows it. It asks the ledger's own questions only, so it works over every store. It writes nothing.
 */
export class FleetReader {
  readonly #ledger: Ledger
  readonly #judging: QueryLivenessOptions
  readonly #recent = new RecentEvents()
  /** What was heard before the past was read; `null`: it was read. */
  #heardEarly: LogEntry[] | null = []

  constructor(ledger: Ledger, judging: QueryLivenessOptions) {
    this.#ledger = ledger
    this.#judging = judging
  }

  /** Hears of new entries; the returned function ends that. */
  listen(heard: () => void): () => void {
    return this.#ledger.listen(entries => {
      if (this.#heardEarly === null) this.#recent.take(entries)
      else this.#heardEarly.push(...entries)
      heard()
    })
  }

  /** Reads what is new and judges every lease. Rejects with the store's error, and with `moved`. */
  async look(): Promise<Snapshot> {
    const ledger = this.#ledger
    const { store, stream } = ledger
    const state = await ledger.refresh()
    if (state.movedTo !== null) throw continuesAt(ledger.url, state.movedTo)
    if (this.#heardEarly !== null) await this.#readBack()
    const verdicts = await queryLiveness(store, stream, { state: ledger.state }, this.#judging)
    const nowMs = decisionTime(ledger.state, await ledger.now())
    // From here on nothing is awaited: all of it is of one state.
    const now = ledger.state
    const ownClock = store.clock === 'steady' ? undefined : NOTHING_WATCHED
    const judged = new Map(verdicts.leases.map(lease => [`${lease.leaseId}\n${lease.token}`, lease]))
    return {
      head: now.head,
      nowMs,
      leases: queryLeases({ state: now }, nowMs).map(lease => {
        return { lease, liveness: judged.get(`${lease.leaseId}\n${lease.token}`) ?? null }
      }),
      waiting: waiters(now, { nowMs, ownClock }),
      draining: drainingViews(now, { nowMs, ownClock }),
      halts: pendingHalts(now, nowMs),
      spawning: spawnViews(now, nowMs),
      humans: waitViews(now, nowMs),
      events: this.#recent.events,
      refused: this.#recent.refused(nowMs),
    }
  }

  /** The newest events, and the refusals of the last hour as far as they lie in the part of the log that is read. */
  async #readBack(): Promise<void> {
    const { store, stream } = this.#ledger
    const sinceMs = (await this.#ledger.now()) - COUNTED_MS
    const found: LogEntry[] = []
    let told = 0
    let read = 0
    let reachedMs = Number.NEGATIVE_INFINITY
    reading: for await (const entries of store.read(stream, { direction: 'backwards' })) {
      for (const entry of entries) {
        if ((entry.recordedAt < sinceMs && told >= EVENTS_KEPT) || read >= READ_BACK_MAX) {
          reachedMs = entry.recordedAt
          break reading
        }
        found.push(entry)
        read += 1
        if (isTold(entry)) told += 1
      }
    }
    found.reverse()
    const [oldest] = found
    // A log that a compaction has cut: what it archived of this hour is not read.
    const isCut = oldest !== undefined && oldest.revision > 0
    this.#recent.lacksBefore(isCut ? Math.max(reachedMs, oldest.recordedAt) : reachedMs)
    this.#recent.take(found)
    this.#recent.take(this.#heardEarly ?? [])
    this.#heardEarly = null
  }
}
