import type { LeaseView } from '../view/lease-view.ts'

export interface LeaseChange {
  readonly before: LeaseView
  readonly after: LeaseView
}

/** What happened to the live set between two points. */
export interface LeaseChanges {
  readonly began: readonly LeaseView[]
  readonly ended: readonly LeaseView[]
  /** The same lease under another token. */
  readonly changedHands: readonly LeaseChange[]
  /** The same lease and token, kept by a beat. */
  readonly kept: readonly LeaseChange[]
}

/** Compares two live sets. What is the same in both is left out. */
export function leaseChanges(before: readonly LeaseView[], after: readonly LeaseView[]): LeaseChanges {
  const earlier = new Map(before.map(lease => [lease.leaseId, lease]))
  const later = new Set(after.map(({ leaseId }) => leaseId))
  const both = after.flatMap(lease => {
    const known = earlier.get(lease.leaseId)
    return known === undefined ? [] : [{ before: known, after: lease }]
  })
  return {
    began: after.filter(({ leaseId }) => !earlier.has(leaseId)),
    ended: before.filter(({ leaseId }) => !later.has(leaseId)),
    changedHands: both.filter(change => change.before.token !== change.after.token),
    kept: both.filter(
      change => change.before.token === change.after.token && change.before.lastBeatAtMs !== change.after.lastBeatAtMs,
    ),
  }
}
