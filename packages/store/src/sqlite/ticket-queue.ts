import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { TicketLine } from './ticket-line.ts'
import type { Wait, WaitQueue } from './wait-queue.ts'
import { WakeFiles } from './wake-files.ts'

/** Whoever was not woken looks for itself after this long. */
const ALARM_MS = 50

/**
 * Whoever has stood in line for this long tries for the lock whatever the line says: tickets are advice, and some may be
 * kept by a process that only wastes the time of others. No line of working processes took this long: 32 that commit in a
 * closed loop wait 70 ms.
 */
export const LINE_MAX_MS = 250

/** Between two such tries: many who are that late at once must not take the processor from whoever has the lock. */
const TIRED_TRY_MS = 100

/**
 * Nearly first come first served, by advice alone: the lock itself is SQLite's. The first in line tries for the lock, all
 * others sleep. Whoever gets the lock leaves the line and wakes the one who is first now, so that a sleeper is up and
 * trying before the lock is free. Killed waiters count for nothing after a moment; lost tickets and lost touches cost
 * order and time, never exclusion.
 */
export class TicketQueue implements WaitQueue {
  readonly #line: TicketLine
  readonly #wakes: WakeFiles
  readonly #alarmMs: number
  #woken = new AbortController()

  constructor(databasePath: string, alarmMs = ALARM_MS) {
    this.#alarmMs = alarmMs
    this.#line = new TicketLine(databasePath)
    this.#wakes = new WakeFiles(databasePath, () => this.#woken.abort())
  }

  begin(): Wait {
    let arrivedMs: number | undefined
    let place = 0
    let isTired = false
    let triedMs = Number.NEGATIVE_INFINITY
    let nearest = Number.POSITIVE_INFINITY
    const look = (): void => {
      const nowMs = monotonicMs()
      place = this.#line.olderThan(arrivedMs ?? nowMs, nowMs)
      isTired = arrivedMs !== undefined && nowMs - arrivedMs >= LINE_MAX_MS && nowMs - triedMs >= TIRED_TRY_MS
      if (isTired) triedMs = nowMs
      if (arrivedMs !== undefined) this.#line.put(arrivedMs, nowMs)
    }
    const leave = (): void => {
      if (arrivedMs === undefined) return
      arrivedMs = undefined
      this.#line.leave()
      // Read anew: whoever took a ticket since the last look sleeps on it by now.
      const first = this.#line.first(monotonicMs())
      if (first !== undefined) this.#wakes.wake(first)
    }
    const pause = async (): Promise<void> => {
      if (arrivedMs === undefined) {
        // Looks once more before it sleeps: whoever left before the ticket was there woke nobody.
        arrivedMs = monotonicMs()
        this.#line.put(arrivedMs, arrivedMs)
        if (place > 0) this.#wakes.listenAt(this.#line.slot)
        return
      }
      if (place === 0) return nextTurn()
      this.#wakes.listenAt(this.#line.slot)
      await sleep(this.#alarmMs, undefined, { signal: this.#woken.signal }).catch(() => undefined)
      this.#woken = new AbortController()
    }
    return {
      mayTry: () => {
        look()
        return place === 0 || isTired
      },
      isNear: () => place <= 1,
      cameNearer: () => {
        const came = place < nearest
        nearest = Math.min(place, nearest)
        return came
      },
      pause,
      got: leave,
      end: leave,
    }
  }

  close(): void {
    this.#wakes.close()
    this.#line.close()
  }
}

/** The kernel's monotonic clock: the same for all processes of a host. */
function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1000 + nanoseconds / 1e6
}
