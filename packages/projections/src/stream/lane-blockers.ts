import type { Claim, LogEntry } from '@holdfast/core'
import { NOTHING_WATCHED } from '@holdfast/core/internal'
import type { LogStore } from '@holdfast/store'
import type { Observable } from 'rxjs'
import { laneBlockers, type LaneBlockers, type LaneQuestion } from '../view/lane-blockers.ts'
import { touchesLeases } from './live-leases.ts'
import { watch$, type WatchOptions } from './watch.ts'

export interface LaneBlockersOptions extends WatchOptions {
  readonly claim: Claim
  readonly probe?: LaneQuestion['probe']
}

/**
 * What would refuse a request for a lane (`laneBlockers`): once, then after each event that can change it, whenever time
 * alone may, and every second while a recorded child runs on. Emissions may repeat; errors are the store's.
 */
export function laneBlockers$(
  store: LogStore,
  stream: string,
  { claim, probe, timers }: LaneBlockersOptions,
): Observable<LaneBlockers> {
  const ownClock = store.clock === 'steady' ? undefined : NOTHING_WATCHED
  return watch$(
    store,
    stream,
    () => ({
      touches: touchesAdmission,
      look: ({ state }, nowMs) => {
        const view = laneBlockers(state, { claim, nowMs, ownClock, probe })
        return { view, changesAtMs: view.looksAgainAtMs }
      },
    }),
    { timers },
  )
}

/** A refusal may open, refresh or withdraw a ticket, and an entry that cannot be read closes the ledger. */
function touchesAdmission(entry: LogEntry): boolean {
  return touchesLeases(entry) || entry.type === 'REFUSE' || entry.type === 'UNRECOGNISED'
}
