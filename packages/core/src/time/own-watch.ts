import { liveAt, spanOfBeat } from '../evolve/ownership.ts'
import { tokenAt, type LeaseId, type Token } from '../ids.ts'
import type { LogEntry } from '../log-entry.ts'
import type { RecordedEvent } from '../events.ts'
import type { Lease } from '../state/lease.ts'
import type { LedgerState } from '../state/ledger-state.ts'
import { drainingKey } from '../state/entry-keys.ts'
import type { OwnClock, WatchedOwnership } from './own-clock.ts'

/** Below this size nothing is swept. */
const SWEEP_SIZE_MIN = 64

type Watched = WatchedOwnership & { readonly leaseId: LeaseId }

/**
 * What one decider has watched of a ledger whose log clock can step: for each ownership, when its beats were read. It
 * reads no clock; whoever reads the log says when. Costs O(1) an entry, and holds at most twice what lives and drains.
 *
 * A beat counts as watched when it was read promptly, that is within the bound of a step by the log's own clock. Of one
 * that is read later nothing is known but the log clock, as of a history that was read at the start: its ownership is
 * watched anew from its next prompt beat on.
 */
export class OwnWatch {
  readonly #watched = new Map<Token, Watched>()
  /** The log clock minus the own one, as far as is known. */
  #aheadMs = Number.NEGATIVE_INFINITY
  #sweepAt = SWEEP_SIZE_MIN

  /** The log clock shows `logMs` now, when the own clock shows `ownMs`. */
  told(logMs: number, ownMs: number): void {
    this.#aheadMs = logMs - ownMs
  }

  /** Something that was recorded at `recordedAtMs` was read when the own clock showed `ownMs`. */
  heard(recordedAtMs: number, ownMs: number): void {
    if (Number.isSafeInteger(recordedAtMs)) this.#aheadMs = Math.max(this.#aheadMs, recordedAtMs - ownMs)
  }

  /** Takes in an entry that was read when the own clock showed `ownMs`, just before the fold of `state` takes it. */
  read(state: LedgerState, entry: LogEntry, ownMs: number): void {
    switch (entry.type) {
      case 'ACQUIRE': {
        const { leaseId, ttlMs, graceMs } = entry.data
        this.#begin(state, entry, { leaseId, spanMs: ttlMs + graceMs, ownMs })
        return
      }
      case 'ADOPT': {
        const lease = liveAt(state, entry, entry.data.previousToken)
        if (lease === null) return
        const { leaseId, ttlMs, graceMs } = lease
        this.#begin(state, entry, { leaseId, spanMs: ttlMs + graceMs, ownMs })
        return
      }
      case 'HEARTBEAT': {
        const lease = liveAt(state, entry, entry.data.token)
        if (lease !== null) this.#beat(state, lease, entry, ownMs)
        return
      }
      case 'CHECKPOINT':
        // History that was cut away before it was read may have held beats.
        if (entry.data.throughRevision > state.head) this.#watched.clear()
        return
      case 'RELEASE':
      case 'SCAVENGE':
      case 'HALT':
      case 'SPAWN':
      case 'REFUSE':
      case 'UNRECOGNISED':
        return
    }
  }

  /** What a decision that is taken when the own clock shows `ownMs` is given. */
  at(ownMs: number): OwnClock {
    return { nowMs: ownMs, watched: this.#watched }
  }

  #begin(
    state: LedgerState,
    event: RecordedEvent<'ACQUIRE' | 'ADOPT'>,
    { leaseId, spanMs, ownMs }: { readonly leaseId: LeaseId; readonly spanMs: number; readonly ownMs: number },
  ): void {
    if (!this.#isPrompt(state, event, ownMs)) return
    const times = { expiresAtMs: ownMs + spanMs, lastBeatAtMs: ownMs, exitAtMs: null, ownedSinceMs: ownMs }
    this.#set(state, tokenAt(event.revision), { leaseId, ...times })
  }

  #beat(state: LedgerState, lease: Lease, event: RecordedEvent<'HEARTBEAT'>, ownMs: number): void {
    const { token, leaseId, exit } = lease
    if (!this.#isPrompt(state, event, ownMs)) {
      this.#watched.delete(token)
      return
    }
    const known = this.#watched.get(token)
    const exitsNow = event.data.exit !== undefined && exit === null
    this.#set(state, token, {
      leaseId,
      // An earlier beat may have given more, so the greatest counts and not the last.
      expiresAtMs: Math.max(
        ownMs + spanOfBeat(lease, event.data),
        known?.expiresAtMs ?? ownMs + unwatchedSpanMs(state, lease, event),
      ),
      lastBeatAtMs: ownMs,
      exitAtMs: exitsNow ? ownMs : (known?.exitAtMs ?? null),
      ownedSinceMs: known?.ownedSinceMs ?? null,
    })
  }

  #isPrompt({ config }: LedgerState, { recordedAt }: RecordedEvent, ownMs: number): boolean {
    return this.#aheadMs + ownMs - recordedAt <= config.clockStepBoundMs
  }

  #set(state: LedgerState, token: Token, watched: Watched): void {
    if (this.#watched.size >= this.#sweepAt) this.#sweep(state)
    this.#watched.set(token, watched)
  }

  /** Entries die with their leases and what these leave draining. */
  #sweep(state: LedgerState): void {
    for (const [token, { leaseId }] of this.#watched) {
      const lives = state.leases.get(leaseId)?.token === token
      const drains = state.draining.getKept(drainingKey(leaseId, token), state.clockMs) !== undefined
      if (!lives && !drains) this.#watched.delete(token)
    }
    this.#sweepAt = Math.max(SWEEP_SIZE_MIN, this.#watched.size * 2)
  }
}

/** How much longer the beats before this one may count, none of which was watched: by the log clock, and a step of it. */
function unwatchedSpanMs({ config, clockMs }: LedgerState, lease: Lease, event: RecordedEvent<'HEARTBEAT'>): number {
  return lease.expiresAtMs - Math.max(clockMs, event.recordedAt) + config.clockStepBoundMs
}
