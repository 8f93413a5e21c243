import { isExpired, type Lease } from '@holdfast/core'
import { leaseJson, type LeaseJson } from '@holdfast/projections'

/** A lease as an outcome holds it, in the form of the answers. What drains over it is asked of `leases`. */
export function leaseAnswer(lease: Lease, nowMs: number): LeaseJson {
  const { requestKey: _requestKey, place: _place, metadata: _metadata, ...same } = lease
  return leaseJson({ ...same, expired: isExpired(lease, nowMs), draining: [] })
}
