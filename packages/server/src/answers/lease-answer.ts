import { isExpired, type EpochMs, type Lease, type LedgerState } from '@holdfast/core'
import { instantOf, leaseJson, pendingHalts, type LeaseJson } from '@holdfast/projections'
import { drainsOf } from '@holdfast/projections/internal'
import type { AnsweredLedger } from './answered-ledger.ts'
import type { PendingHalt } from './schemas/held-lease.ts'

/** A lease as an outcome holds it, in the form of the answers, with what drains over it as the ledger was seen last. */
export function leaseAnswer(lease: Lease, { state }: Pick<AnsweredLedger, 'state'>, nowMs: EpochMs): LeaseJson {
  const { requestKey: _requestKey, place: _place, metadata: _metadata, ...same } = lease
  const draining = drainsOf(state, lease, nowMs)
  return leaseJson({ ...same, expired: isExpired(lease, nowMs), draining })
}

/** The oldest stop intent that a lease has still to obey, in the form of the answers. */
export function pendingHalt(
  state: LedgerState,
  lease: Pick<Lease, 'leaseId' | 'token'>,
  nowMs: EpochMs,
): PendingHalt | null {
  const halt = pendingHalts(state, nowMs).find(
    ({ leaseId, token }) => leaseId === lease.leaseId && token === lease.token,
  )
  if (halt === undefined) return null
  const { revision, handle, reason, haltedAtMs } = halt
  return { revision, handle, reason, at: instantOf(haltedAtMs) }
}
