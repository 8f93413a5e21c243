import type { EpochMs, Lease, LedgerState } from '@holdfast/core'
import { instantOf, pendingHalts } from '@holdfast/projections'
import type { PendingHalt } from '../schemas/pending-halt.ts'

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
