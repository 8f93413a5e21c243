import { Revision, snapshotState, type Lease, type LeaseId, type LedgerState } from '@holdfast/core'
import { checkpointData } from '@holdfast/core/internal'
import * as z from 'zod'
import { JournalLease, journalLeaseId, liveLeaseOf } from './journal-lease.ts'

const Checkpoint = z.looseObject({ leases: z.array(JournalLease) })

/**
 * The CHECKPOINT that replaces the live set by the journal's list, in its order. A compacted journal begins with one, so
 * its leases may have no ACQUIRE to be numbered by: the offset rises by their number, and each takes a revision of the
 * gap, which no event ever had. Leases that are live keep their token. Throws a `ZodError`.
 */
export function journalCheckpoint(entry: unknown, state: LedgerState): unknown {
  const listed = new Map<LeaseId, JournalLease>()
  for (const lease of Checkpoint.parse(entry).leases) listed.set(journalLeaseId(lease), lease)
  const leases: Lease[] = []
  for (const [leaseId, lease] of listed) {
    const place = Revision.parse(state.head + 1 + leases.length)
    leases.push(liveLeaseOf(lease, { known: state.leases.get(leaseId), place, clockMs: state.clockMs }))
  }
  // At least one: the set is the journal's word, and a CHECKPOINT without a gap promises to be the fold before it.
  const gap = Math.max(1, leases.length)
  return {
    ...checkpointData(state, { offset: state.offset + gap, reason: 'imported' }),
    state: { carrier: 'inline', value: { ...snapshotState(state), leases } },
  }
}
