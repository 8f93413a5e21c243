import { computed, signal } from '@preact/signals'
import { isWaiting } from '../model/row-layout.ts'
import { judgementOf, type Judgement } from '../model/judgement.ts'
import type { LaneTrack } from '../model/lane-track.ts'
import { LaneTrack as Track } from '../model/lane-track.ts'
import { humansWaiting } from '../model/figures.ts'
import { TONE_ORDER } from '../model/lease-table.ts'
import type { Lease } from '../model/live-set.ts'
import type { HumanWait } from '../model/timeline.ts'
import { windowAt, type TimeWindow } from '../model/time-window.ts'
import { axisPx, changed, moment, shownSet, shownTimeline, sight, spanMs } from './page-state.ts'

/** One row of the time axis: a lane, with what is live in it. */
export interface LaneRow {
  readonly lane: string
  readonly track: LaneTrack
  /** What needs a look first. */
  readonly leases: readonly Lease[]
  /** Who waits for a human there, without a lease. */
  readonly human: HumanWait | null
}

export const laneSearch = signal('')

export const timeWindow = computed<TimeWindow>(() => windowAt(moment.value.nowMs, spanMs.value, axisPx.value))

const leasesByLane = computed(() => {
  void changed.value
  const byLane = new Map<string, Lease[]>()
  for (const lease of shownSet.value.leases.values()) {
    const known = byLane.get(lease.lane)
    if (known === undefined) byLane.set(lease.lane, [lease])
    else known.push(lease)
  }
  return byLane
})

const sortedNames = computed<readonly string[]>(() => {
  void changed.value
  const names = new Set([...(shownTimeline.value?.lanes.keys() ?? []), ...leasesByLane.value.keys()])
  if (names.size === known.names.length && known.names.every(name => names.has(name))) return known.names
  known.names = [...names].sort(ORDER.compare)
  return known.names
})
const known: { names: readonly string[] } = { names: [] }
const ORDER = new Intl.Collator('en', { numeric: true })

/** The lanes that are live, or in which something happened in the part of time that is shown. */
export const laneRows = computed<readonly LaneRow[]>(() => {
  const words = laneSearch.value.toLowerCase().trim()
  const { fromMs } = timeWindow.value
  const { revision } = moment.value
  const rows: LaneRow[] = []
  const now = shownTimeline.value === null ? [] : humansWaiting(shownTimeline.value, moment.value)
  const humans = new Map(now.map(wait => [wait.lane, wait]))
  for (const lane of sortedNames.value) {
    const track = shownTimeline.value?.lanes.get(lane) ?? new Track(lane)
    const leases = leasesByLane.value.get(lane) ?? []
    const isTold = track.newestMs >= fromMs && (revision === null || track.firstRevision <= revision)
    const human = humans.get(lane) ?? null
    if (leases.length === 0 && !isTold && human === null) continue
    if (words !== '' && !matches(words, lane, leases)) continue
    rows.push({ lane, track, leases: leases.length > 1 ? gravestFirst(leases) : leases, human })
  }
  // Whoever waits for a human stands above all others.
  const waits = ({ human, leases: [first] }: LaneRow): boolean =>
    human !== null || (first !== undefined && judged(first).tone === 'waiting')
  const isWaiting = rows.map(waits)
  if (!isWaiting.includes(true)) return rows
  return [...rows.filter((_, at) => isWaiting[at]), ...rows.filter((_, at) => !isWaiting[at])]
})

/** What needs a look first: it stands for its lane. */
function gravestFirst(leases: readonly Lease[]): readonly Lease[] {
  const ranked = leases.map(lease => ({ lease, rank: TONE_ORDER[judged(lease).tone] }))
  return ranked.sort((a, b) => a.rank - b.rank).map(({ lease }) => lease)
}

function matches(words: string, lane: string, leases: readonly Lease[]): boolean {
  return lane.toLowerCase().includes(words) || leases.some(({ holder }) => holder.toLowerCase().includes(words))
}

/** How a lease of the moment that is shown looks. */
export function judged(lease: Lease): Judgement {
  return judgementOf(lease, shownSet.value.verdictOn(lease), { nowMs: moment.value.nowMs, sight: sight.value })
}

export function waitingIn(track: LaneTrack): number {
  let count = 0
  for (let at = track.waits.length - 1; at >= 0 && at >= track.waits.length - WAITS_LOOK_MAX; at -= 1) {
    const wait = track.waits[at]
    if (wait !== undefined && isWaiting(wait, moment.value)) count += 1
  }
  return count
}

/** Waits of a lane that are looked at: older ones are over. */
const WAITS_LOOK_MAX = 256
