import type { Configuration } from '../configuration.ts'
import type { Claim } from '../lease-events.ts'
import type { Lane } from '../ids.ts'
import { regionOf } from '../state/regions.ts'

/** A declared lane lends its region and kind to a request that names none. */
export function withDeclared(claim: Claim, config: Configuration): Claim {
  const lane = Object.hasOwn(config.lanes, claim.lane) ? config.lanes[claim.lane] : undefined
  if (lane === undefined) return claim
  return {
    ...claim,
    region: claim.region.length > 0 || lane.region.length === 0 ? claim.region : declaredRegion(lane.region, config),
    kind: claim.kind ?? lane.kind,
  }
}

function declaredRegion(globs: readonly string[], { caseSensitive }: Configuration): string[] {
  return [...regionOf(globs, caseSensitive).globs]
}

/** Whether the lane may be leased at all. */
export function isKnownLane(lane: Lane, { freeLanes, lanes, exclusiveLanes }: Configuration): boolean {
  return freeLanes || Object.hasOwn(lanes, lane) || exclusiveLanes.includes(lane)
}
