import type { Configuration } from '../configuration.ts'
import type { Evidence } from '../decide/evidence.ts'
import type { Claim } from '../events.ts'
import type { EpochMs, Holder } from '../ids.ts'
import type { Lease } from '../state/lease.ts'
import { initialState } from '../state/ledger-state.ts'
import { addLease } from '../state/live-set.ts'
import type { OwnClock } from '../time/own-clock.ts'
import { admission, type Admission } from './admission.ts'

/** A question about admission beside any set of leases. */
export interface AdmitRequest {
  readonly claim: Claim
  readonly holder: Holder
  /** The log clock. */
  readonly nowMs: EpochMs
  readonly config: Configuration
  readonly evidence?: Evidence | undefined
  /** What whoever asks has watched, where the log clock can step. */
  readonly ownClock?: OwnClock | undefined
}

/**
 * Whether a claim is admissible beside `leases`, which may come from anywhere: a ledger's live set, and leases that are
 * tracked elsewhere. It grants nothing and remembers nothing.
 */
export function admit(request: AdmitRequest, leases: Iterable<Lease>): Admission {
  const { claim, holder, nowMs, config, evidence, ownClock } = request
  const state = { ...initialState(), config }
  for (const lease of leases) addLease(state, lease)
  return admission(state, { claim, holder, nowMs, ownClock, evidence, place: null, ticketKey: null })
}
