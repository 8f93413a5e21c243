import { escapeGlob, isExpired, overlap, type Holder, type Lane, type LeaseId, type LedgerState } from '@holdfast/core'
import { RegionReader } from '@holdfast/core/internal'
import { pathWithin } from '../which-ledger/within.ts'

/** A lease of another ledger, or what drains there, over files that are asked for here. */
export interface FurtherClaim {
  readonly leaseId: LeaseId
  readonly lane: Lane
  readonly holder: Holder
  readonly untilMs: number
  /** Its holder may still believe in it, although it has ended. */
  readonly drains: boolean
}

/**
 * What in another ledger, whose regions are relative to `root`, covers some of what `region` covers below `ofRoot`. An
 * expired lease counts until it is ended, as for the guard. A glob that cannot be read there counts as everything.
 */
export function claimsOver(
  { leases, draining, config }: LedgerState,
  request: {
    readonly region: readonly string[]
    readonly ofRoot: string
    readonly root: string
    readonly holder: string
    readonly nowMs: number
  },
): readonly FurtherClaim[] {
  const { holder, nowMs } = request
  const common = inOneRoot(request)
  if (common === null) return []
  const { asked, toTheirs } = common
  const reader = new RegionReader({ caseSensitive: config.caseSensitive })
  const covers = (globs: readonly string[]): boolean => {
    if (globs.length === 0) return false
    const [mine, theirs] = [reader.read(asked), reader.read(globs.map(toTheirs))]
    return !mine.ok || !theirs.ok || overlap({ a: mine.region, b: theirs.region }).overlap
  }
  const held = [...leases.values()]
    .filter(lease => lease.holder !== holder && covers(lease.region))
    .map(lease => ({ ...lease, untilMs: lease.expiresAtMs, drains: isExpired(lease, nowMs) }))
  const ended = [...draining.kept(nowMs)]
    .map(([, entry]) => entry)
    .filter(entry => entry.ledgerWide === true || (entry.holder !== holder && covers(entry.region)))
    .map(entry => ({ ...entry, drains: true }))
  return [...held, ...ended].map(({ leaseId, lane, holder: other, untilMs, drains }) => {
    return { leaseId, lane, holder: other, untilMs, drains }
  })
}

/** Both regions as paths of the root that is further up; `null`: the roots have no file in common. */
function inOneRoot({ region, ofRoot, root }: { region: readonly string[]; ofRoot: string; root: string }): {
  readonly asked: readonly string[]
  readonly toTheirs: (glob: string) => string
} | null {
  const asIs = (glob: string): string => glob
  const down = pathWithin(root, ofRoot)
  if (down !== null) return { asked: region.map(glob => prefixed(down, glob)), toTheirs: asIs }
  const up = pathWithin(ofRoot, root)
  return up === null ? null : { asked: region, toTheirs: glob => prefixed(up, glob) }
}

function prefixed(folder: string, glob: string): string {
  return folder === '' ? glob : `${escapeGlob(folder).replace(/\/\*\*$/, '')}/${glob}`
}
