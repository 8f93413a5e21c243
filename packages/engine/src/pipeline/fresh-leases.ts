import type { Lease, LedgerState, Outcome } from '@holdfast/core'

/**
 * The outcome with its leases as the log has recorded them: a store that stamps events itself may have given another
 * time than the decider's. A lease that a later command has ended stays as it was decided.
 */
export function freshLeases(state: LedgerState, outcome: Outcome): Outcome {
  const fresh = (lease: Lease): Lease => {
    const recorded = state.leases.get(lease.leaseId)
    return recorded?.token === lease.token ? recorded : lease
  }
  if (outcome.outcome === 'granted') {
    return { ...outcome, lease: fresh(outcome.lease), leases: outcome.leases.map(fresh) }
  }
  const carriesLease = outcome.outcome === 'adopted' || outcome.outcome === 'beaten'
  return carriesLease ? { ...outcome, lease: fresh(outcome.lease) } : outcome
}
