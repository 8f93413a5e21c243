import type { LedgerState, LogEntry, RecordedEvent } from '@holdfast/core'
import { leaseIdOf, tokenAt } from '@holdfast/core/internal'
import type { Audit } from './audit.ts'
import { conflictingDrain, conflictingLease } from './conflicts.ts'
import { Tally } from './tally.ts'

/**
 * No two conflicting leases are live at any revision, and none is granted over a draining entry (law 4). Each grant is
 * held against the state before it; a CHECKPOINT that brings leases of its own is looked through whole. Imported grants
 * were never ours to decide: their conflicts are findings.
 */
export class GrantAudit implements Audit {
  readonly #grants = new Tally('no-double-grant', 'fault')
  readonly #drains = new Tally('no-grant-over-draining', 'fault')
  readonly #imports = new Tally('imported-conflicts', 'finding')

  before(state: LedgerState, entry: LogEntry): void {
    if (entry.type === 'ACQUIRE') this.#grant(state, entry)
  }

  after(state: LedgerState, entry: LogEntry): void {
    if (entry.type === 'CHECKPOINT') this.#restored(state, entry)
  }

  checks() {
    return [this.#grants.check(), this.#drains.check(), this.#imports.check()]
  }

  #grant(state: LedgerState, event: RecordedEvent<'ACQUIRE'>): void {
    const { data, revision, recordedAt } = event
    const imported = event.origin !== undefined
    const tally = imported ? this.#imports : this.#grants
    tally.see()
    // The source of an import may grant an identity anew; one of ours never is.
    const inTheWay = imported ? conflictingLease(state, data, data.leaseId) : conflictingLease(state, data, null)
    if (inTheWay !== null) tally.wrong(revision, `grants ${data.leaseId} while ${inTheWay.leaseId} is live`)
    if (imported) return
    this.#drains.see()
    const drain = conflictingDrain(state, data, recordedAt)
    if (drain !== null) this.#drains.wrong(revision, `grants ${data.leaseId} while ${drain.leaseId} drains`)
  }

  #restored(state: LedgerState, event: RecordedEvent<'CHECKPOINT'>): void {
    for (const lease of state.leases.values()) {
      const other = conflictingLease(state, lease, lease.leaseId)
      // Each pair once: the lease that came later is the one at fault.
      if (other === null || other.place > lease.place) continue
      const ours = lease.leaseId === leaseIdOf(lease.lane, tokenAt(lease.place))
      const tally = ours ? this.#grants : this.#imports
      tally.wrong(event.revision, `restores ${lease.leaseId} beside ${other.leaseId}`)
    }
  }
}
