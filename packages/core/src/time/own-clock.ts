import type { Token } from '../ids.ts'

/**
 * What a decider has seen of one ownership, on its own clock: when it read what the log says, never earlier than it was
 * written. All instants are ms of a clock that no step moves (the time since boot).
 */
export interface WatchedOwnership {
  /** When every span that its beats gave has passed, each counted from the reading of its beat. */
  readonly expiresAtMs: number
  readonly lastBeatAtMs: number
  /** `null`: its exit was not read, or before this decider watched. */
  readonly exitAtMs: number | null
  /** `null`: it began before this decider watched. */
  readonly ownedSinceMs: number | null
}

/**
 * The decider's own clock, for a ledger whose log clock can step (a replicated store changes its leader). A lease that
 * the decider has watched ends only when its time is over on both clocks; one that it has not watched, when the log clock
 * is past that time by the configured bound of a step.
 */
export interface OwnClock {
  readonly nowMs: number
  readonly watched: ReadonlyMap<Token, WatchedOwnership>
}

/** The own clock of a process that has just begun: it has watched nothing, so every end waits the bound. */
export const NOTHING_WATCHED: OwnClock = { nowMs: 0, watched: new Map() }

/** When something is judged. Without an own clock the log clock is one that cannot step, and is believed alone. */
export interface Moment {
  /** The log clock. */
  readonly nowMs: number
  readonly ownClock?: OwnClock | undefined
}
