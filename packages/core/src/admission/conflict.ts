import type { Configuration } from '../configuration.ts'
import { WITNESS_LENGTH_MAX } from '../refuse-event.ts'
import type { Mode } from '../lease-events.ts'
import type { Kind, Lane } from '../ids.ts'
import { isSameLane } from '../state/lane-key.ts'
import { regionOf, sharedPath } from '../state/regions.ts'
import { inDifferentTrees, type TreeOf } from '../work-tree.ts'

/** What a request, a lease, a draining entry and a ticket have in common. */
export interface Covering {
  readonly lane: Lane
  readonly mode: Mode
  readonly region: readonly string[]
  readonly kind: Kind | null
  /** Where its region is; unknown counts as every tree. */
  readonly workTree?: TreeOf
  /** Covers whatever there is. */
  readonly ledgerWide?: true | undefined
}

/** Which rule keeps two claims apart, and for regions the proof. */
export interface Conflict {
  readonly code: 'lane-held' | 'region-held' | 'exclusive-lane-live'
  /** A path that both would cover, where one was found that is not too long to be told. */
  readonly witness?: string
}

/**
 * Why the two could not be live together, budgets aside; `null` when they could. Symmetric in whether there is one
 * (law 7): modes are compatible only when both are shared; lanes conflict when equal, regions when they share a path of
 * one work tree; an exclusive lane lives alone.
 */
export function conflictBetween(a: Covering, b: Covering, config: Configuration): Conflict | null {
  if (a.ledgerWide === true || b.ledgerWide === true) return { code: 'region-held' }
  if (a.mode === 'exclusive' || b.mode === 'exclusive') {
    if (isSameLane(a.lane, b.lane, config)) return { code: 'lane-held' }
    const witness = areApart(a, b, config) ? null : sharedWitness(a, b, config.caseSensitive)
    if (witness !== null) return witness === '' ? { code: 'region-held' } : { code: 'region-held', witness }
  }
  return livesAlone(a.lane, config) || livesAlone(b.lane, config) ? { code: 'exclusive-lane-live' } : null
}

/**
 * Whether the regions of the two never conflict, for they are in work trees that are kept apart. Both trees must be known:
 * what is unknown conflicts with everything.
 */
export function areApart(
  a: Pick<Covering, 'workTree'>,
  b: Pick<Covering, 'workTree'>,
  { workTrees }: Pick<Configuration, 'workTrees'>,
): boolean {
  return workTrees === 'apart' && inDifferentTrees(a.workTree, b.workTree)
}

export function livesAlone(lane: Lane, config: Configuration): boolean {
  return config.exclusiveLanes.some(exclusive => isSameLane(exclusive, lane, config))
}

function sharedWitness(a: Covering, b: Covering, caseSensitive: boolean): string | null {
  if (a.region.length === 0 || b.region.length === 0) return null
  const path = sharedPath(regionOf(a.region, caseSensitive), regionOf(b.region, caseSensitive))
  // Globs may be so long that sixteen such paths would not fit into one event.
  return path !== null && path.length > WITNESS_LENGTH_MAX ? '' : path
}
