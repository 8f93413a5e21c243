import { later, type EpochMs } from '../ids.ts'
import { orphanUntilMs, type Lease } from '../state/lease.ts'
import type { LedgerState } from '../state/ledger-state.ts'
import type { Moment, OwnClock } from './own-clock.ts'

/**
 * The instants of a lease as one decider may count on them, on the log clock: what follows from an instant holds once
 * the log clock has passed it here. On a log clock that cannot step they are the lease's own; otherwise none is earlier.
 */
export interface CountedTimes {
  readonly expiresAtMs: number
  /** From when an expired lease may be ended without looking at its children. */
  readonly orphanUntilMs: number
  readonly lastBeatAtMs: number
  readonly exitAtMs: number | null
  readonly ownedSinceMs: number
}

/**
 * Counts the lease's instants at a moment. While nothing else happens they stay what they are, so a promise that is made
 * of them ("a retry then is granted") is kept.
 */
export function countedTimes({ config }: LedgerState, lease: Lease, { nowMs, ownClock }: Moment): CountedTimes {
  const { expiresAtMs, lastBeatAtMs, ownedSinceMs, exit, children } = lease
  const exitAtMs = exit?.atMs ?? null
  if (ownClock === undefined) {
    const orphansUntilMs = orphanUntilMs(lease, config.orphanGraceMs)
    return { expiresAtMs, orphanUntilMs: orphansUntilMs, lastBeatAtMs, exitAtMs, ownedSinceMs }
  }
  const watched = ownClock.watched.get(lease.token)
  const counted = (atMs: EpochMs, ownMs: number | null | undefined): EpochMs =>
    ownMs === null || ownMs === undefined
      ? later(atMs, config.clockStepBoundMs)
      : later(atMs, Math.max(0, onLogClock(ownMs, { nowMs, ownClock }) - atMs))
  const expires = { children, expiresAtMs: counted(expiresAtMs, watched?.expiresAtMs) }
  return {
    expiresAtMs: expires.expiresAtMs,
    orphanUntilMs: orphanUntilMs(expires, config.orphanGraceMs),
    lastBeatAtMs: counted(lastBeatAtMs, watched?.lastBeatAtMs),
    exitAtMs: exit === null ? null : counted(exit.atMs, watched?.exitAtMs),
    ownedSinceMs: counted(ownedSinceMs, watched?.ownedSinceMs),
  }
}

/** What the log clock shows when the own clock shows `ownMs`, if it does not step in between. */
export function onLogClock(ownMs: number, at: { readonly nowMs: number; readonly ownClock: OwnClock }): number {
  return Math.ceil(at.nowMs + ownMs - at.ownClock.nowMs)
}
