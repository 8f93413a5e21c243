import type { LedgerState, LogEntry, RecordedEvent } from '@holdfast/core'
import { drainingKey } from '@holdfast/core/internal'
import type { Audit } from './audit.ts'
import { Tally } from './tally.ts'

type OwnershipEvent = RecordedEvent<'RELEASE' | 'HEARTBEAT' | 'ADOPT' | 'SCAVENGE'>

/**
 * Counts events under a token that is not the live one. The fold lets them change nothing (law 5); that they are there
 * says that somebody believed in a lease for too long. A RELEASE that ends a draining entry is not one of them.
 */
export class StaleTokenAudit implements Audit {
  readonly #tally = new Tally('stale-tokens', 'finding')

  before(state: LedgerState, entry: LogEntry): void {
    switch (entry.type) {
      case 'RELEASE':
      case 'HEARTBEAT':
      case 'ADOPT':
      case 'SCAVENGE':
        this.#look(state, entry)
        return
      case 'ACQUIRE':
      case 'HALT':
      case 'SPAWN':
      case 'REFUSE':
      case 'CHECKPOINT':
      case 'UNRECOGNISED':
        return
    }
  }

  checks() {
    return [this.#tally.check()]
  }

  #look(state: LedgerState, event: OwnershipEvent): void {
    this.#tally.see()
    const token = event.type === 'ADOPT' ? event.data.previousToken : event.data.token
    const { leaseId } = event.data
    const live = state.leases.get(leaseId)
    if (token === null) {
      if (live === undefined || event.origin === undefined) this.#stale(event)
      return
    }
    if (live?.token === token) return
    const drains = state.draining.getKept(drainingKey(leaseId, token), event.recordedAt) !== undefined
    if (event.type !== 'RELEASE' || !drains) this.#stale(event)
  }

  #stale(event: OwnershipEvent): void {
    const token = event.type === 'ADOPT' ? event.data.previousToken : event.data.token
    this.#tally.wrong(event.revision, `${event.type} of ${event.data.leaseId} under ${token}`)
  }
}
