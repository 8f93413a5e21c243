import type { LiveSet } from './live-set.ts'
import type { Moment } from './row-layout.ts'
import { isWaiting } from './row-layout.ts'
import type { HumanWait, Timeline } from './timeline.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

export interface Figures {
  /** Events in the last minute. */
  readonly perMinute: number
  /** Leases that are held, and those that have expired and still stand in the list. */
  readonly held: number
  readonly expired: number
  readonly holders: number
  readonly waiting: number
  /** Sessions that wait for a human. */
  readonly humans: number
  readonly refusedLastHour: number
  /** Whether all of that hour is known; else it is at least so many. */
  readonly isWholeHour: boolean
}

/** What the header says. */
export function figuresOf(
  timeline: Timeline,
  leases: LiveSet['leases'],
  moment: Moment & { readonly isFromBeginning: boolean },
): Figures {
  const last = moment.revision ?? Number.MAX_SAFE_INTEGER
  const holders = new Set<string>()
  let held = 0
  for (const { holder, expired, expiresAt } of leases.values()) {
    if (expired || Date.parse(expiresAt) <= moment.nowMs) continue
    held += 1
    holders.add(holder)
  }
  let waiting = 0
  if (moment.revision === null) {
    for (const wait of timeline.waiting.values()) if (isWaiting(wait, moment)) waiting += 1
  } else {
    for (const { waits } of timeline.lanes.values()) for (const wait of waits) if (isWaiting(wait, moment)) waiting += 1
  }
  return {
    perMinute: countSince(timeline.events, moment.nowMs - MINUTE_MS, last),
    held,
    expired: leases.size - held,
    holders: holders.size,
    waiting,
    humans: humansWaiting(timeline, moment).length,
    isWholeHour: moment.isFromBeginning || (timeline.events[0]?.atMs ?? Infinity) <= moment.nowMs - HOUR_MS,
    refusedLastHour: countSince(timeline.refusals, moment.nowMs - HOUR_MS, last),
  }
}

/** Who waits for a human now. The past does not tell: only the newest word of each is kept. */
export function humansWaiting({ humans }: Timeline, { nowMs, revision }: Moment): readonly HumanWait[] {
  return revision === null ? [...humans.values()].filter(({ untilMs }) => untilMs > nowMs) : []
}

function countSince(
  events: readonly { readonly atMs: number; readonly revision: number }[],
  sinceMs: number,
  last: number,
): number {
  let count = 0
  for (let at = events.length - 1; at >= 0; at -= 1) {
    const event = events[at]
    if (event === undefined || event.atMs < sinceMs) break
    if (event.revision <= last) count += 1
  }
  return count
}
