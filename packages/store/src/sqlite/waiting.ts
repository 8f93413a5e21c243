import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'

/** One wait for the write lock. */
export interface Wait {
  /** Whether it is this one's turn to try. */
  readonly mayTry: () => boolean
  /** Whether its turn is the next or the one after. */
  readonly isNear: () => boolean
  /** Until it is worth looking again; blocks the event loop for at most `BLOCKING_SLEEP_MAX_MS`. */
  readonly pause: () => Promise<void>
  readonly end: () => void
}

/** Advice on when to try for the lock. */
export interface Waiting {
  readonly begin: () => Wait
  readonly close: () => void
}

/** Longest time for which a pause stops the event loop: timers, beats among them, are late by at most this. */
export const BLOCKING_SLEEP_MAX_MS = 2

const SLEEP_CELL = new Int32Array(new SharedArrayBuffer(4))

/** Sleeps with the precision of the system's clock when short, and without stopping the event loop when long. */
export async function pauseFor(spanMs: number): Promise<void> {
  if (spanMs > BLOCKING_SLEEP_MAX_MS) return sleep(spanMs)
  Atomics.wait(SLEEP_CELL, 0, 0, spanMs)
  await nextTurn()
}

/** Tries again after short random sleeps: needs nothing beside the lock, but knows no order. */
export function randomWaiting(): Waiting {
  const wait: Wait = {
    mayTry: () => true,
    isNear: () => false,
    pause: () => pauseFor(0.2 + Math.random()),
    end: () => undefined,
  }
  return { begin: () => wait, close: () => undefined }
}
