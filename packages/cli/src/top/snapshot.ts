import type { EpochMs, LogEntry } from '@holdfast/core'
import type { DrainingView, HaltView, LeaseLiveness, LeaseView, SpawnView, WaitView } from '@holdfast/projections'
import type { Waiter } from './waiters.ts'

/** A lease and what is known of its progress; `null`: nobody has judged this ownership yet. */
export interface WatchedLease {
  readonly lease: LeaseView
  readonly liveness: LeaseLiveness | null
}

/** The fleet at one revision and one instant of the log clock. */
export interface Snapshot {
  readonly head: number
  /** The log clock when it was made. */
  readonly nowMs: EpochMs
  readonly leases: readonly WatchedLease[]
  readonly waiting: readonly Waiter[]
  readonly draining: readonly DrainingView[]
  readonly halts: readonly HaltView[]
  readonly spawning: readonly SpawnView[]
  /** Who waits for a human; absent: nobody. */
  readonly humans?: readonly WaitView[]
  /** The newest events, plain beats left out, oldest first. */
  readonly events: readonly LogEntry[]
  readonly refused: Refusals
}

/** Refusals of the last hour. `isWhole` is false where not all of that hour was read. */
export interface Refusals {
  readonly count: number
  readonly isWhole: boolean
}

/** How it is with the store: answering, or for how long and why it is not. */
export type Connection =
  | { readonly state: 'up' }
  | { readonly state: 'reconnecting'; readonly sinceMs: number; readonly why: string }
