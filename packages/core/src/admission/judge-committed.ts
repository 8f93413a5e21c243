import type { Holder, LeaseId, Token } from '../ids.ts'
import type { Lease } from '../state/lease.ts'
import type { LedgerState } from '../state/ledger-state.ts'
import type { OwnClock } from '../time/own-clock.ts'
import type { TreeOf } from '../work-tree.ts'
import { areApart } from './conflict.ts'
import { drainingOver, leasesCovering } from './judge-writes.ts'

/** What commits have changed that somebody is about to publish. */
export interface CommittedRequest {
  /** Who publishes; `null`: nobody says, so every claim is somebody else's. */
  readonly holder: Holder | null
  readonly workTree?: TreeOf
  readonly changes: readonly CommittedChange[]
  readonly nowMs: number
  readonly ownClock?: OwnClock | undefined
}

export interface CommittedChange {
  /** As in a `WriteRequest`. */
  readonly path: string
  /** The latest instant, by the log clock, at which its newest commit can have been made. */
  readonly madeByMs: number
}

/** A claim of somebody else on a path that was changed since it began. */
export interface CommittedRefusal {
  readonly path: string
  readonly verdict: 'refused'
  readonly basis: 'held-by-other' | 'draining'
  readonly leaseId: LeaseId
  readonly holder: Holder
  readonly lane: Lease['lane']
  readonly token: Token
  readonly untilMs: number
  /** When the ownership began; `null`: not known any more, so it counts as before every commit. */
  readonly sinceMs: number | null
}

/**
 * Which of the changes lie in a claim of somebody else that began before they were made for certain to be earlier: such a
 * change is refused. One that was made before the ownership began is not. A lease of the publisher refuses nothing, whether
 * it is live or over, for what it allowed was judged when it was written. An expired lease of somebody else refuses, as for a
 * write. A sample.
 */
export function judgeCommitted(state: LedgerState, request: CommittedRequest): CommittedRefusal[] {
  return request.changes.flatMap(change => judgeChange(state, request, change) ?? [])
}

function judgeChange(
  state: LedgerState,
  request: CommittedRequest,
  { path, madeByMs }: CommittedChange,
): CommittedRefusal | null {
  const other = leasesCovering(state, path).find(
    lease =>
      lease.holder !== request.holder && lease.ownedSinceMs <= madeByMs && !areApart(lease, request, state.config),
  )
  if (other !== undefined) {
    const { expiresAtMs, ownedSinceMs } = other
    return { ...claimed(other), path, basis: 'held-by-other', untilMs: expiresAtMs, sinceMs: ownedSinceMs }
  }
  const entry = drainingOver(state, request, path)
  return entry === undefined
    ? null
    : { ...claimed(entry), path, basis: 'draining', untilMs: entry.untilMs, sinceMs: null }
}

function claimed({ leaseId, holder, lane, token }: Pick<CommittedRefusal, 'leaseId' | 'holder' | 'lane' | 'token'>) {
  return { verdict: 'refused', leaseId, holder, lane, token } as const
}
