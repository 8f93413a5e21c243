import { isExpired, type EpochMs, type Lease } from '@holdfast/core'
import type { Ledger } from '@holdfast/engine/lean'
import { drainsOf, leaseJson, type LeaseJson } from '@holdfast/projections'

/** A lease as an outcome holds it, in the form of the answers, with what drains over it as the ledger was seen last. */
export function leaseAnswer(lease: Lease, { state }: Ledger, nowMs: EpochMs): LeaseJson {
  const { requestKey: _requestKey, place: _place, metadata: _metadata, ...same } = lease
  const draining = drainsOf(state, lease, nowMs)
  return leaseJson({ ...same, expired: isExpired(lease, nowMs), draining })
}
