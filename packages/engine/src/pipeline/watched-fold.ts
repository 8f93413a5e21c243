import {
  countedTimes,
  drainsOver,
  OwnWatch,
  type CountedTimes,
  type DrainingEntry,
  type EpochMs,
  type Lease,
  type LedgerState,
  type LogEntry,
  type OwnClock,
} from '@holdfast/core'
import type { LedgerFold } from '@holdfast/projections'
import { cacheFold } from '@holdfast/projections/internal'
import type { BootClock, Head, LogStore } from '@holdfast/store'
import { BOOT_STEP_MS, isBeside } from '@holdfast/store/internal'
import { RecentEvents } from './recent-events.ts'

/**
 * The fold of a ledger, and what its owner has watched of it on the own clock since boot. Where the log clock cannot step
 * nothing is watched, and deciding asks the log clock alone. What was folded before this began is history: it was not
 * watched.
 */
export class WatchedFold {
  readonly #fold: LedgerFold
  readonly #boot: BootClock
  readonly #watch: OwnWatch | null
  /** What has been folded since this began. */
  readonly recent: RecentEvents
  #clockKnown = false
  #listener: ((entries: readonly LogEntry[]) => void) | null = null

  constructor(
    fold: LedgerFold,
    { boot, store }: { readonly boot: BootClock; readonly store: Pick<LogStore, 'clock'> },
  ) {
    this.#fold = fold
    this.recent = new RecentEvents(fold.after)
    this.recent.mark(fold.after, boot.nowMs())
    this.#boot = boot
    // An adapter that does not say is not believed.
    this.#watch = store.clock === 'steady' ? null : new OwnWatch()
  }

  /** Belongs to this fold; fork it to keep it. */
  get state(): LedgerState {
    return this.#fold.state
  }

  /** The last revision folded. */
  get after(): Head {
    return this.#fold.after
  }

  /** Folds what was read just now; entries that were folded before change nothing. */
  absorb(entries: readonly LogEntry[]): void {
    this.#absorb(entries)
    if (entries.length > 0) this.recent.mark(this.after, this.#boot.nowMs())
  }

  #absorb(entries: readonly LogEntry[]): void {
    const { head } = this.state
    const unseen = entries.filter(({ revision }) => revision > head)
    this.recent.note(this.after, unseen)
    this.#take(entries)
    this.#tell(unseen)
  }

  /** Gives every entry that is folded from now on to `listener`, once. */
  onFolded(listener: (entries: readonly LogEntry[]) => void): void {
    this.#listener = listener
  }

  #tell(unseen: readonly LogEntry[]): void {
    if (this.#listener === null || unseen.length === 0) return
    try {
      this.#listener(unseen)
    } catch {
      // Who only looks on must not undo what is durable already.
    }
  }

  #take(entries: readonly LogEntry[]): void {
    if (this.#watch === null) {
      this.#fold.absorb(entries)
      return
    }
    // The latest that the reading can have been, so that a span since then is never shorter than it looks.
    const readAtMs = this.#boot.nowMs() + BOOT_STEP_MS
    for (const { recordedAt } of entries) this.#watch.heard(recordedAt, readAtMs)
    for (const entry of entries) {
      if (entry.revision <= this.state.head) continue
      this.#watch.read(this.state, entry, readAtMs)
      this.#fold.absorb([entry])
    }
  }

  /**
   * Folds what a subscription has given, if it follows what is folded. A state with a hole would lack leases that live;
   * whoever decides next reads what is missing. A CHECKPOINT carries all that was before it, unless that lies beside it.
   */
  hear(entries: readonly LogEntry[]): void {
    const { head } = this.state
    const first = entries.find(({ revision }) => revision > head)
    if ((first?.type === 'CHECKPOINT' && !isBeside(first)) || first?.revision === head + 1) this.absorb(entries)
  }

  /** Takes note of what the log clock shows now, so that it is known how late an entry is that is read afterwards. */
  toldClock(nowMs: EpochMs): void {
    this.#clockKnown = true
    this.#watch?.told(nowMs, this.#boot.nowMs())
  }

  /** Asks for the log clock once, if it matters: from then on the own clock tells what it shows. */
  async learnClock(ask: () => Promise<EpochMs>): Promise<void> {
    if (this.#watch !== null && !this.#clockKnown) this.toldClock(await ask())
  }

  /** What a decision is given beside the log clock. */
  get ownClock(): OwnClock | undefined {
    return this.#watch?.at(this.#boot.nowMs())
  }

  /** Caches the fold where that is worth it. What was watched is this process's alone, and whoever loads it begins anew. */
  async cache(store: LogStore, stream: string): Promise<void> {
    await cacheFold(store, stream, this.#fold)
  }

  /** The lease's instants as this process may count on them. */
  countedTimes(lease: Lease, nowMs: EpochMs): CountedTimes {
    return countedTimes(this.state, lease, { nowMs, ownClock: this.ownClock })
  }

  /** What drains over the lease, as this process may count on it. */
  drainsOver(lease: Lease, nowMs: EpochMs): DrainingEntry[] {
    return drainsOver(this.state, lease, nowMs, this.ownClock)
  }
}
