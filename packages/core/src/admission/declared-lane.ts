import type { Configuration } from '../configuration.ts'
import type { Claim } from '../lease-events.ts'
import type { Lane } from '../ids.ts'
import { isSameLane } from '../state/lane-key.ts'
import { regionOf } from '../state/regions.ts'
import { livesAlone } from './conflict.ts'

/** A declared lane lends its region and kind to a request that names none. */
export function withDeclared(claim: Claim, config: Configuration): Claim {
  const lane = declared(claim.lane, config)
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
export function isKnownLane(lane: Lane, config: Configuration): boolean {
  return config.freeLanes || declared(lane, config) !== undefined || livesAlone(lane, config)
}

/** What the configuration says of the lane: under this very name, else under another that means the same lane. */
function declared(lane: Lane, config: Configuration): Configuration['lanes'][Lane] | undefined {
  if (Object.hasOwn(config.lanes, lane)) return config.lanes[lane]
  if (config.caseSensitive || IS_ASCII.test(lane)) return undefined
  return Object.entries(config.lanes).find(([name]) => isSameLane(name, lane, config))?.[1]
}

/** Such a name is written in one way only. */
const IS_ASCII = /^[\x20-\x7e]*$/
