import type { LogEntry } from '@holdfast/core'
import { pause } from '@holdfast/engine/internal'
import type { Timers } from '@holdfast/engine'
import { loadLedger, type LedgerFold } from '@holdfast/projections'
import { followHistory, type LogStore } from '@holdfast/store'
import type { Log } from '../log.ts'
import type { Cause } from './cause.ts'
import { Causes, NO_MEMORY, type CauseSettings } from './causes.ts'
import { deliverOf } from './deliver.ts'
import { foldAt } from './kept-fold.ts'
import { noticeOf, triggerFor } from './notice.ts'
import type { Kept, NoticeFile } from './notice-file.ts'
import { Outbox } from './outbox.ts'
import { timeLimitMs, type NotifyRule } from './rules.ts'
import type { Lookout } from './sight.ts'

/** How often the ledger is looked at. A look that takes long makes the next one later: it has a small part of the time. */
export const LOOK_EVERY_MS = 1_000
const LOOK_PART = 20

/** How often it is written down how far the log was read, where nothing is to be told. */
const KEEP_EVERY_MS = 10_000

/** How long a store that fails is left in peace. */
const AGAIN_FIRST_MS = 1_000
const AGAIN_MAX_MS = 60_000

export interface LedgerNoticesParts {
  readonly store: LogStore
  readonly stream: string
  readonly rules: readonly (readonly [string, NotifyRule])[]
  readonly settings: CauseSettings
  readonly lookout: Lookout
  readonly file: NoticeFile
  readonly timers: Timers
  readonly log: Log
  readonly chance: () => number
}

/** Watches one ledger, and tells its rules what there is to tell, for as long as the server runs. */
export class LedgerNotices {
  readonly #parts: LedgerNoticesParts
  readonly #fold: LedgerFold
  readonly #causes: Causes
  readonly #outboxes: ReadonlyMap<string, Outbox>
  readonly #ending = new AbortController()
  readonly #running: Promise<unknown>
  /** Entries are folded, and looks taken, one after the other: a look needs a state that stands still. */
  #turn: Promise<unknown> = Promise.resolve()
  #isCaughtUp = false
  /** The revision through which everything is in the file. */
  #keptThrough: number
  /** Something has ended since. */
  #isBehind = false
  #failedLooks = 0

  private constructor(parts: LedgerNoticesParts, fold: LedgerFold, kept: Kept | null) {
    this.#parts = parts
    this.#fold = fold
    this.#keptThrough = fold.state.head
    this.#causes = new Causes(parts.settings, kept?.memory ?? NO_MEMORY)
    this.#outboxes = new Map(
      parts.rules.map(([name, rule]) => {
        const { timers, log, chance } = parts
        const outbox: Outbox = new Outbox(
          {
            rule: name,
            ...deliverOf(rule),
            limitMs: timeLimitMs(rule),
            timers,
            log,
            chance,
            changed: () => void this.#keep(),
          },
          kept?.waiting[name],
        )
        return [name, outbox]
      }),
    )
    void this.#keep()
    for (const outbox of this.#outboxes.values()) outbox.tell()
    this.#running = Promise.all([this.#follow(), this.#look(), this.#keepOn()])
  }

  /** Goes on where an earlier server was, if its file is there and of this history. Rejects as the store does. */
  static async begin(parts: LedgerNoticesParts): Promise<LedgerNotices> {
    const { store, stream, file, log } = parts
    const kept = file.read()
    const fold = kept === null ? null : await foldAt(store, stream, kept)
    if (kept !== null && fold === null) {
      log.warn(
        { ledger: stream, after: kept.after },
        'what was told before is not of this history: what is so now is told once',
      )
    }
    return new LedgerNotices(parts, fold ?? (await loadLedger(store, stream)), fold === null ? null : kept)
  }

  /**
   * Looks at nothing more, and gives what is being told its time. `keep`: whether what is left is written down for the next
   * server; not where the store beside it is another one now, or another server has begun.
   */
  async end(withinMs: number, { keep }: { readonly keep: boolean }): Promise<void> {
    this.#ending.abort()
    await Promise.all([this.#running, ...[...this.#outboxes.values()].map(outbox => outbox.end(withinMs))])
    await this.#turn
    if (keep) await this.#keep()
  }

  async #follow(): Promise<void> {
    const { store, stream, log, timers } = this.#parts
    const { signal } = this.#ending
    for (let failed = 0; !signal.aborted;) {
      try {
        for await (const item of followHistory(store, stream, this.#fold.after, { signal })) {
          failed = 0
          if (item.kind === 'truncated')
            log.warn({ ledger: stream, ...item }, 'events were dropped before they were looked at')
          if (item.kind === 'entries') await this.#inTurn(() => this.#take(item.entries))
          if (item.kind === 'caught-up') this.#isCaughtUp = true
          if (this.#fold.state.movedTo !== null)
            return log.warn({ ledger: stream }, 'the ledger was moved: no more notices of it')
        }
      } catch (error) {
        if (signal.aborted) return
        failed += 1
        if (failed === 1) log.warn({ ledger: stream, err: error }, 'the ledger cannot be followed: notices come late')
      }
      await pause(timers, Math.min(AGAIN_MAX_MS, AGAIN_FIRST_MS * 2 ** Math.max(0, failed - 1)), signal)
    }
  }

  async #take(entries: readonly LogEntry[]): Promise<void> {
    for (const entry of entries) {
      if (entry.revision <= this.#fold.state.head) continue
      const { changes } = this.#causes
      const causes = this.#causes.entry(this.#fold.state, entry)
      this.#fold.absorb([entry])
      this.#tell(causes, entry.recordedAt)
      if (causes.length === 0 && this.#causes.changes > changes) this.#isBehind = true
    }
    // What has ended is written down as well, or what begins anew while no server runs is taken for the same.
    if (this.#isBehind) void this.#keep()
  }

  async #look(): Promise<void> {
    const { timers } = this.#parts
    const { signal } = this.#ending
    while (!signal.aborted) {
      const from = performance.now()
      if (this.#isCaughtUp) await this.#inTurn(() => this.#lookOnce())
      const tookMs = performance.now() - from
      await pause(timers, Math.max(LOOK_EVERY_MS, tookMs * LOOK_PART), signal)
    }
  }

  async #lookOnce(): Promise<void> {
    const { store, stream, lookout, log } = this.#parts
    if (this.#fold.state.movedTo !== null) return
    try {
      const sight = await lookout.look(store, stream, this.#fold.state)
      this.#failedLooks = 0
      const { changes } = this.#causes
      const causes = this.#causes.look(sight)
      this.#tell(causes, sight.nowMs)
      if (causes.length === 0 && this.#causes.changes > changes) void this.#keep()
    } catch (error) {
      // What was not seen neither begins nor ends.
      this.#failedLooks += 1
      if (this.#failedLooks === 1)
        log.warn({ ledger: stream, err: error }, 'the ledger cannot be looked at: notices come late')
    }
  }

  /** Puts down what is to be told, and only then tells it: whoever is killed in between is repeated by the next server. */
  #tell(causes: readonly Cause[], nowMs: number): void {
    const { store, stream: ledger, rules } = this.#parts
    const found = { store: store.url, ledger, ledgerId: this.#fold.state.ledgerId ?? '', nowMs }
    const outboxes = new Set<Outbox>()
    for (const cause of causes) {
      for (const [name, rule] of rules) {
        const trigger = triggerFor(rule, cause)
        const outbox = this.#outboxes.get(name)
        if (trigger === null || outbox === undefined) continue
        outbox.add(noticeOf({ rule: name, trigger }, cause, found))
        outboxes.add(outbox)
      }
    }
    if (causes.length === 0) return
    const telling = async (): Promise<void> => {
      await this.#keep()
      for (const outbox of outboxes) outbox.tell()
    }
    void telling()
  }

  async #keepOn(): Promise<void> {
    const { signal } = this.#ending
    while (!signal.aborted) {
      await pause(this.#parts.timers, KEEP_EVERY_MS, signal)
      if (!signal.aborted && this.#fold.state.head !== this.#keptThrough) await this.#keep()
    }
  }

  /** What cannot be written down is told all the same: rather twice than never. */
  async #keep(): Promise<void> {
    const { file, stream, log } = this.#parts
    try {
      await file.write(() => this.#kept())
    } catch (error) {
      log.warn({ ledger: stream, err: error }, 'it cannot be written down what was told: a restart may tell it again')
    }
  }

  #kept(): Kept {
    const { state, lastEventId } = this.#fold
    this.#keptThrough = state.head
    this.#isBehind = false
    const waiting = [...this.#outboxes].map(([name, outbox]) => [name, outbox.waiting] as const)
    return {
      version: 1,
      ledgerId: state.ledgerId ?? '',
      after: state.head,
      eventId: lastEventId,
      memory: this.#causes.memory,
      waiting: Object.fromEntries(waiting),
    }
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(work)
    this.#turn = turn.catch(() => undefined)
    return turn
  }
}
