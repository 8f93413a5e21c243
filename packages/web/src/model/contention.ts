import { folderOf } from './lease-table.ts'
import type { LogEvent } from './log-event.ts'
import { isWaiting, waitEnd, type Moment } from './row-layout.ts'
import { refusalOf } from './requested.ts'
import type { Timeline } from './timeline.ts'

/** Who waited for whom, and how long. */
export interface Contended {
  readonly waiter: string
  readonly blocker: string
  refusals: number
  waitedMs: number
  isWaiting: boolean
  /** The newest refusal of it. */
  revision: number
}

/** A folder (or lane, where no region is named) that was wanted by several. */
export interface ContendedFolder {
  readonly folder: string
  refusals: number
  waitedMs: number
  readonly pairs: readonly Contended[]
}

/** Refusals that are looked at. */
const REFUSALS_MAX = 20_000

/** Where requests were refused since an instant, most waited for first. */
export function contentionOf(timeline: Timeline, sinceMs: number, moment: Moment): readonly ContendedFolder[] {
  const folders = new Map<string, { refusals: number; waitedMs: number; pairs: Map<string, Contended> }>()
  const last = moment.revision ?? Number.MAX_SAFE_INTEGER
  const waits = new Map(
    [...timeline.lanes.values()].flatMap(({ waits }) => waits.map(wait => [wait.place, wait] as const)),
  )
  for (const event of timeline.refusals.slice(-REFUSALS_MAX)) {
    if (event.revision > last || event.atMs < sinceMs) continue
    const wait = waits.get(event.revision)
    const waitedMs = wait === undefined ? 0 : Math.max(0, waitEnd(wait, moment.nowMs, last) - wait.fromMs)
    const still = wait !== undefined && isWaiting(wait, moment)
    for (const { folder, waiter, blocker } of pairsOf(event)) {
      const known = folders.get(folder) ?? { refusals: 0, waitedMs: 0, pairs: new Map<string, Contended>() }
      folders.set(folder, known)
      known.refusals += 1
      known.waitedMs += waitedMs
      const key = JSON.stringify([waiter, blocker])
      const pair = known.pairs.get(key) ?? { waiter, blocker, refusals: 0, waitedMs: 0, isWaiting: false, revision: 0 }
      known.pairs.set(key, pair)
      pair.refusals += 1
      pair.waitedMs += waitedMs
      pair.isWaiting ||= still
      pair.revision = Math.max(pair.revision, event.revision)
    }
  }
  const most = <T extends { waitedMs: number; refusals: number }>(a: T, b: T) =>
    b.waitedMs - a.waitedMs || b.refusals - a.refusals
  return [...folders]
    .map(([folder, { pairs, ...sums }]) => ({ folder, ...sums, pairs: [...pairs.values()].sort(most) }))
    .sort(most)
}

function pairsOf(event: LogEvent) {
  const { holder, lanes, region, blockers } = refusalOf(event)
  const waiter = holder ?? 'somebody'
  const own = region[0] === undefined ? `lane ${lanes[0] ?? '?'}` : folderOf(region[0])
  // Of several regions, the one that the path of a witness lies in.
  const folderAt = (witness: string): string =>
    region.map(folderOf).find(folder => witness === folder || witness.startsWith(`${folder}/`)) ?? own
  if (blockers.length === 0) return [{ folder: own, waiter, blocker: 'nobody named' }]
  return blockers.map(({ witness, holder: blocker, lane, leaseId }) => ({
    folder: witness === null ? own : folderAt(witness),
    waiter,
    blocker: blocker ?? lane ?? leaseId ?? 'an earlier request',
  }))
}
