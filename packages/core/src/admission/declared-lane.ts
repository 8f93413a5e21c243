import type { Configuration } from '../configuration.ts'
import type { Claim } from '../events.ts'
import type { Lane } from '../ids.ts'

/** A declared lane lends its region and kind to a request that names none. */
export function withDeclared(claim: Claim, config: Configuration): Claim {
  const lane = Object.hasOwn(config.lanes, claim.lane) ? config.lanes[claim.lane] : undefined
  if (lane === undefined) return claim
  return {
    ...claim,
    region: claim.region.length > 0 ? claim.region : lane.region,
    kind: claim.kind ?? lane.kind,
  }
}

/** Whether the lane may be leased at all. */
export function isKnownLane(lane: Lane, { freeLanes, lanes, exclusiveLanes }: Configuration): boolean {
  return freeLanes || Object.hasOwn(lanes, lane) || exclusiveLanes.includes(lane)
}
