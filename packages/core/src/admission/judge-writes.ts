import type { Holder, LeaseId, Token } from '../ids.ts'
import { covers, pathNode } from '../region/index.ts'
import { isExpired, isHolders, type Lease } from '../state/lease.ts'
import type { LedgerState } from '../state/ledger-state.ts'
import { leasesNamed } from '../state/live-set.ts'
import type { DrainingEntry } from '../state/entries.ts'
import { regionOf } from '../state/regions.ts'
import { drainingAt } from '../time/draining-at.ts'
import type { OwnClock } from '../time/own-clock.ts'
import { holdsInTree, type TreeOf } from '../work-tree.ts'
import { areApart } from './conflict.ts'
import { drainsOver } from './drains-over.ts'

/** Who wants to write what. */
export interface WriteRequest {
  /** `null`: nobody says who writes, so every claim is somebody else's. */
  readonly holder: Holder | null
  /** The token that the writer believes in; absent: any live lease of the holder counts. */
  readonly token?: Token | undefined
  /** Relative to the root that the ledger's regions are relative to; no leading `./`, `/` between segments. */
  readonly paths: readonly string[]
  /** The work tree that the paths are in; absent or `null`: unknown. Where trees count together it decides nothing. */
  readonly workTree?: TreeOf
  readonly nowMs: number
  /** What whoever judges has watched, where the log clock can step. */
  readonly ownClock?: OwnClock | undefined
}

/** Why one path may or may not be written. */
export type WriteVerdict =
  | { readonly path: string; readonly verdict: 'allowed'; readonly basis: 'own-lease'; readonly leaseId: LeaseId }
  /** In nobody's region: local policy decides. */
  | { readonly path: string; readonly verdict: 'unclaimed'; readonly basis: 'nobody' }
  | {
      readonly path: string
      readonly verdict: 'refused'
      /**
       * `held-by-other`: inside somebody else's live lease; `expired`: the own lease is over; `in-grace`: its time is
       * over, and the grace is nobody's: a beat brings it back, others may end it at `untilMs`; `draining`: an older
       * holder may still believe; `stale-token`: the own lease is live at another token; `unknown-tree`: the own
       * lease is in one work tree, and nobody says whether the path is in that one.
       */
      readonly basis: 'held-by-other' | 'expired' | 'in-grace' | 'draining' | 'stale-token' | 'unknown-tree'
      readonly leaseId: LeaseId
      readonly holder: Holder
      readonly lane: Lease['lane']
      /** The token at which that is live, or drains. */
      readonly token: Token
      readonly untilMs: number
    }

/**
 * Judges writes against the live set: inside a live lease of this holder they are allowed, inside somebody else's they
 * are refused. An expired lease of somebody else still refuses, for its holder may come back with a late beat; one of
 * one's own allows nothing from the end of its time on, the grace included. A sample: it says what the log shows at `nowMs`.
 *
 * Where work trees are apart, a lease of another tree neither refuses nor allows. Unknown on either side:
 * - it refuses, for the write may be in the tree of the lease;
 * - the own lease of an unknown tree allows: it was granted beside nothing on that path in any tree, and nothing is
 *   granted beside it, so it protects the path wherever the writer is;
 * - the own lease of a known tree allows nothing to a writer in an unknown one: elsewhere it protects nothing.
 */
export function judgeWrites(state: LedgerState, request: WriteRequest): WriteVerdict[] {
  return request.paths.map(path => judgeWrite(state, request, path))
}

function judgeWrite(state: LedgerState, request: WriteRequest, path: string): WriteVerdict {
  const covering = leasesCovering(state, path).filter(lease => !areApart(lease, request, state.config))
  const others = covering.filter(({ holder }) => holder !== request.holder)
  const own = covering.filter(({ holder }) => holder === request.holder)
  const held = own.find(lease => isHolders(lease, request.nowMs) && believed(lease, request))
  const writing = held?.mode === 'exclusive' ? held : undefined
  // Beside an exclusive lease stands nothing on this path, except in work trees that are apart from it.
  const [other] = writing === undefined ? others : others.filter(lease => areApart(writing, lease, state.config))
  if (other !== undefined) return refused(path, 'held-by-other', other, other.expiresAtMs)
  if (held !== undefined) {
    if (!protects(state, held, request)) return refused(path, 'unknown-tree', held, held.expiresAtMs)
    const drain = lastToEnd(drainsOver(state, held, request.nowMs, request.ownClock))
    if (drain !== undefined) return refused(path, 'draining', drain, drain.untilMs)
    return { path, verdict: 'allowed', basis: 'own-lease', leaseId: held.leaseId }
  }
  // One that a beat would bring back says more than one that is gone.
  const mine = own.find(lease => believed(lease, request) && !isExpired(lease, request.nowMs)) ?? own[0]
  if (mine === undefined) return drainingOrUnclaimed(state, request, path)
  return refused(path, whyNot(mine, request), mine, mine.expiresAtMs)
}

function whyNot(mine: Lease, request: WriteRequest): 'expired' | 'in-grace' | 'stale-token' {
  if (isExpired(mine, request.nowMs)) return 'expired'
  return believed(mine, request) ? 'in-grace' : 'stale-token'
}

/** What a guard waits for longest. */
function lastToEnd(entries: readonly DrainingEntry[]): DrainingEntry | undefined {
  return [...entries].sort((a, b) => b.untilMs - a.untilMs)[0]
}

function drainingOrUnclaimed(state: LedgerState, request: WriteRequest, path: string): WriteVerdict {
  const entry = drainingOver(state, request, path)
  if (entry !== undefined) return refused(path, 'draining', entry, entry.untilMs)
  return { path, verdict: 'unclaimed', basis: 'nobody' }
}

/** What somebody may still write believes in is closed to everybody, without a lease as with one. */
export function drainingOver(
  state: LedgerState,
  request: Pick<WriteRequest, 'holder' | 'workTree' | 'nowMs' | 'ownClock'>,
  path: string,
): DrainingEntry | undefined {
  for (const entry of drainingAt(state, request)) {
    if (entry.ledgerWide === true) return entry
    if (areApart(entry, request, state.config)) continue
    const region = entry.region.length === 0 ? null : regionOf(entry.region, state.config.caseSensitive)
    if (region !== null && covers(region, path) && entry.holder !== request.holder) return entry
  }
  return undefined
}

/** What the live set has on a path, oldest first. */
export function leasesCovering(state: LedgerState, path: string): Lease[] {
  const { caseSensitive } = state.config
  return leasesNamed(state, state.regions.containing(pathNode(path, { caseSensitive })))
    .filter(lease => covers(regionOf(lease.region, caseSensitive), path))
    .sort((a, b) => a.place - b.place)
}

/** Whether the lease holds where the writer is, for certain. */
function protects({ config }: LedgerState, lease: Lease, { workTree }: WriteRequest): boolean {
  return config.workTrees !== 'apart' || holdsInTree(lease.workTree, workTree)
}

function believed(lease: Lease, { token }: WriteRequest): boolean {
  return token === undefined || lease.token === token
}

interface Claimed {
  readonly leaseId: LeaseId
  readonly holder: Holder
  readonly lane: Lease['lane']
  readonly token: Token
}

function refused(
  path: string,
  basis: Extract<WriteVerdict, { verdict: 'refused' }>['basis'],
  { leaseId, holder, lane, token }: Claimed,
  untilMs: number,
): WriteVerdict {
  return { path, verdict: 'refused', basis, leaseId, holder, lane, token, untilMs }
}
