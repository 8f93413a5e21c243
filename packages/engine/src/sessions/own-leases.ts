import { liveLeases, type EpochMs, type Lease, type LedgerState } from '@holdfast/core'

/** A beat is due after so long, or after a third of the TTL, whichever comes first. */
const BEAT_EVERY_MS = 60_000

/** The part of the TTL after which a beat is due. */
const TTL_PART = 3

/**
 * The leases of a session: those of its name that are bound to no process. What is bound beats by itself, and must end when
 * its process does.
 */
export function sessionLeases(state: LedgerState, name: string): readonly Lease[] {
  return liveLeases(state).filter(({ holder, process }) => holder === name && process === null)
}

/** How long a beat of this lease says enough. */
export function beatWithinMs({ ttlMs }: Lease): number {
  return Math.min(BEAT_EVERY_MS, Math.floor(ttlMs / TTL_PART))
}

/**
 * Whether a beat is due. One that is over is beaten at once: as long as nobody has ended it, a beat brings it back. A long run
 * that was announced goes on: a plain beat would say that it is over, which `ends` does.
 */
export function isBeatDue(lease: Lease, { nowMs, ends }: { readonly nowMs: EpochMs; readonly ends: boolean }): boolean {
  if (nowMs >= lease.safeUntilMs) return true
  if (lease.activity !== null) return ends || lease.safeUntilMs - nowMs < lease.ttlMs / 2
  return nowMs - lease.lastBeatAtMs >= beatWithinMs(lease)
}
