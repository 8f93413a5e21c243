import type { Configuration } from '../configuration.ts'
import type { Mode } from '../lease-events.ts'
import type { Kind, Lane } from '../ids.ts'
import { isSameLane } from './lane-key.ts'
import { holdsInTree, type TreeOf } from '../work-tree.ts'

interface Covering {
  readonly lane: Lane
  readonly mode: Mode
  readonly region: readonly string[]
  readonly kind: Kind | null
  readonly workTree?: TreeOf
}

/**
 * Whether a request asks for exactly what `stands` was asked for, in the same work tree. What stands in an unknown tree
 * was asked for in every tree, so it serves a request in any; a request in an unknown tree is served by nothing less.
 */
export function sameClaim(stands: Covering, asked: Covering, config: Configuration): boolean {
  return (
    isSameLane(stands.lane, asked.lane, config) &&
    stands.mode === asked.mode &&
    stands.kind === asked.kind &&
    stands.region.length === asked.region.length &&
    stands.region.every((glob, index) => glob === asked.region[index]) &&
    holdsInTree(stands.workTree, asked.workTree)
  )
}
