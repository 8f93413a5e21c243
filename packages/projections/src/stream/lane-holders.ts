import type { Lane } from '@holdfast/core'
import { NOTHING_WATCHED } from '@holdfast/core/internal'
import type { LogStore } from '@holdfast/store'
import type { Observable } from 'rxjs'
import { laneHolders, type LaneHolder } from '../view/lane-holders.ts'
import { earliestAfter } from './earliest-after.ts'
import { touchesLeases } from './live-leases.ts'
import { watch$, type WatchOptions } from './watch.ts'

/**
 * Who holds a lane (`laneHolders`): once, then after each change of the live set, and when the time of a holder is over.
 * On a store whose log clock can step that is later by the bound of a step. Emissions may repeat; errors are the store's.
 */
export function laneHolders$(
  store: LogStore,
  stream: string,
  lane: Lane,
  options: WatchOptions,
): Observable<readonly LaneHolder[]> {
  const ownClock = store.clock === 'steady' ? undefined : NOTHING_WATCHED
  return watch$(
    store,
    stream,
    () => ({
      touches: touchesLeases,
      look: ({ state }, nowMs) => {
        const view = laneHolders(state, lane, { nowMs, ownClock })
        const ends = view.flatMap(({ untilMs }) => (untilMs === null ? [] : [untilMs]))
        return { view, changesAtMs: earliestAfter(nowMs, ends) }
      },
    }),
    options,
  )
}
