import type { Mode } from '../lease-events.ts'
import type { Kind, Lane } from '../ids.ts'

interface Covering {
  readonly lane: Lane
  readonly mode: Mode
  readonly region: readonly string[]
  readonly kind: Kind | null
}

/** Whether both ask for exactly the same. */
export function sameClaim(a: Covering, b: Covering): boolean {
  return (
    a.lane === b.lane &&
    a.mode === b.mode &&
    a.kind === b.kind &&
    a.region.length === b.region.length &&
    a.region.every((glob, index) => glob === b.region[index])
  )
}
