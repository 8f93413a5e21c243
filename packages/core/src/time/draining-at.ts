import type { LedgerState } from '../state/ledger-state.ts'
import type { DrainingEntry } from '../state/entries.ts'
import { onLogClock } from './counted-times.ts'
import type { Moment } from './own-clock.ts'

/**
 * What still drains for whoever decides at this moment, each entry until when it does for him. The state keeps entries
 * longer than they drain on the log clock, for deciders that cannot count on that clock alone: nobody else sees those.
 */
export function* drainingAt(state: LedgerState, moment: Moment): IterableIterator<DrainingEntry> {
  const { nowMs, ownClock } = moment
  for (const [, entry] of ownClock === undefined ? state.draining.live(nowMs) : state.draining.kept(nowMs)) {
    const untilMs = drainsUntilMs(entry, moment)
    if (untilMs > nowMs) yield untilMs === entry.untilMs ? entry : { ...entry, untilMs }
  }
}

/** Until when, on the log clock, an entry drains for this decider. */
export function drainsUntilMs(entry: DrainingEntry, { nowMs, ownClock }: Moment): number {
  const { untilMs, keptUntilMs = untilMs } = entry
  if (ownClock === undefined) return untilMs
  const watched = ownClock.watched.get(entry.token)
  if (watched === undefined) return keptUntilMs
  // Past the bound nobody could still believe, however late this decider read of it.
  return Math.min(keptUntilMs, Math.max(untilMs, onLogClock(watched.expiresAtMs, { nowMs, ownClock })))
}
