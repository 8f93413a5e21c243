/** One wait for the write lock. */
export interface Wait {
  /** Whether it is this one's turn to try. */
  readonly mayTry: () => boolean
  /** Whether its turn is now or next. */
  readonly isNear: () => boolean
  /** Whether others have had their turn since it was asked last: the lock is busy, and not stuck. */
  readonly cameNearer: () => boolean
  /** Until it is worth looking again; the event loop goes on meanwhile. */
  readonly pause: () => Promise<void>
  /** The lock is this one's now. */
  readonly got: () => void
  /** It waits no longer, with or without the lock. */
  readonly end: () => void
}

/** Advice on when to try for the lock. */
export interface WaitQueue {
  readonly begin: () => Wait
  readonly close: () => void
}
