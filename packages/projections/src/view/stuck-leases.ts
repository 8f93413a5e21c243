import {
  countedTimes,
  type EpochMs,
  type Lease,
  type LedgerState,
  type Moment,
  type ProcessIdentity,
  type ProcessStatus,
} from '@holdfast/core'
import { leaseViews, type LeaseView } from './lease-view.ts'

interface At extends Moment {
  readonly nowMs: EpochMs
}

/** An expired lease that its recorded children keep: no request ends it. */
export interface OrphanedLease {
  readonly lease: LeaseView
  /** The first child that was seen to run; `null`: none was, and none is known to be dead. */
  readonly child: ProcessIdentity | null
  /** Since when it is only they who keep it. */
  readonly sinceMs: number
  /** Until when they do without being seen to run; `null`: until they end. */
  readonly untilMs: number | null
}

/** The expired leases that make no way because of their children. */
export function orphanedLeases(
  state: LedgerState,
  at: At & { readonly probe: (process: ProcessIdentity) => ProcessStatus },
): readonly OrphanedLease[] {
  return overLeases(state, at).flatMap(({ lease, view, sinceMs }): readonly OrphanedLease[] => {
    if (lease.reap === 'required' || lease.children.length === 0) return []
    const statuses = lease.children.map(child => ({ child, status: at.probe(child) }))
    const alive = statuses.find(({ status }) => status === 'alive')
    if (alive !== undefined) return [{ lease: view, child: alive.child, sinceMs, untilMs: null }]
    const { orphanUntilMs } = countedTimes(state, lease, at)
    const mayRun = statuses.some(({ status }) => status !== 'dead') && at.nowMs < orphanUntilMs
    return mayRun ? [{ lease: view, child: null, sinceMs, untilMs: orphanUntilMs }] : []
  })
}

/** A lease that only a reaper ends, and since when one could. */
export interface UnreapedLease {
  readonly lease: LeaseView
  readonly sinceMs: number
  /** The reaper that has claimed it and may still act on it. */
  readonly claimedBy: LeaseView['holder'] | null
}

/** The leases whose work is over, and that wait for a reaper with their effect. */
export function unreapedLeases(state: LedgerState, at: At): readonly UnreapedLease[] {
  return leaseViews(state, at.nowMs).flatMap((view): readonly UnreapedLease[] => {
    const lease = state.leases.get(view.leaseId)
    if (lease?.reap !== 'required') return []
    const sinceMs = workOverMs(state, lease, at)
    if (at.nowMs < sinceMs) return []
    const isClaimed = lease.claim !== null && !view.expired
    return [{ lease: view, sinceMs, claimedBy: isClaimed ? lease.holder : null }]
  })
}

/** From when a reaper may act: at its expiry, or once its exit is final. */
function workOverMs(state: LedgerState, lease: Lease, at: At): number {
  const { expiresAtMs, exitAtMs, ownedSinceMs } = countedTimes(state, lease, at)
  if (lease.claim !== null) return ownedSinceMs
  return exitAtMs === null ? expiresAtMs : Math.min(expiresAtMs, exitAtMs + state.config.finalisationGraceMs)
}

function overLeases(state: LedgerState, at: At) {
  return leaseViews(state, at.nowMs).flatMap(view => {
    const lease = state.leases.get(view.leaseId)
    if (lease === undefined) return []
    const sinceMs = countedTimes(state, lease, at).expiresAtMs
    return at.nowMs < sinceMs ? [] : [{ lease, view, sinceMs }]
  })
}
