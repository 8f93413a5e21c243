import type { LedgerState } from '@holdfast/core'
import { isSameLane } from '@holdfast/core/internal'
import type { Grant } from '../tokens/rights.ts'
import type { Body } from './bodies.ts'

/**
 * A HALT by a token that is bound to holders, bound to the lease that was looked at for its rights: whoever has the lane when it
 * is decided may be another holder, and is not stopped.
 */
export function boundHalt(
  body: Body<'halt'>,
  { holders }: Pick<Grant, 'holders'>,
  { leases, config }: Pick<LedgerState, 'leases' | 'config'>,
): Body<'halt'> {
  const { lane, leaseId, runId } = body
  if (holders === null || leaseId !== undefined) return body
  const meant = [...leases.values()]
    .filter(lease => lane === undefined || isSameLane(lease.lane, lane, config))
    .filter(lease => runId === undefined || lease.runId === runId)
    .toSorted((a, b) => b.token - a.token)[0]
  return meant === undefined ? body : { ...body, leaseId: meant.leaseId }
}
