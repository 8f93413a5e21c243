import type { Configuration } from '../configuration.ts'
import type { Mode } from '../lease-events.ts'
import type { Kind, Lane } from '../ids.ts'
import { isSameLane } from './lane-key.ts'

interface Covering {
  readonly lane: Lane
  readonly mode: Mode
  readonly region: readonly string[]
  readonly kind: Kind | null
}

/** Whether both ask for exactly the same. */
export function sameClaim(a: Covering, b: Covering, config: Configuration): boolean {
  return (
    isSameLane(a.lane, b.lane, config) &&
    a.mode === b.mode &&
    a.kind === b.kind &&
    a.region.length === b.region.length &&
    a.region.every((glob, index) => glob === b.region[index])
  )
}
