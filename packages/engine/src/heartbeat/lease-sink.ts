import { checkMethod } from '../check-given.ts'
import type { HeldLease } from '../hold/held-lease.ts'
import type { BeatSink } from './beat-sink.ts'

/**
 * Beats a held lease, as a HEARTBEAT event that carries the metadata. The lease beats by itself as well; this adds what
 * only the caller knows. After a loss every beat is missed, with the `LeaseLostError` as its cause.
 */
export function leaseSink(lease: Pick<HeldLease, 'leaseId' | 'lease' | 'beat'>): BeatSink {
  checkMethod(lease, 'beat', 'lease')
  return {
    name: lease.leaseId,
    ttlMs: lease.lease.ttlMs,
    // Without metadata the ledger may coalesce the beat.
    write: ({ metadata }) => lease.beat(Object.keys(metadata).length === 0 ? {} : { metadata }),
  }
}
