import type { Configuration } from '../configuration.ts'
import type { Evidence } from '../evidence.ts'
import type { Claim } from '../lease-events.ts'
import { leaseIdOf, Token, type EpochMs, type Holder, type Lane, type LeaseId } from '../ids.ts'
import type { Lease } from '../state/lease.ts'
import { initialState, type LedgerState } from '../state/ledger-state.ts'
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
 * tracked elsewhere. Ids are unique within one ledger only, so two leases with one id are two leases; the same object
 * twice is one. It grants nothing and remembers nothing.
 */
export function admit(request: AdmitRequest, leases: Iterable<Lease>): Admission {
  const { claim, holder, nowMs, config, evidence, ownClock } = request
  const state = { ...initialState(), config }
  /** By the id under which it stands here. */
  const aliased = new Map<LeaseId, Lease>()
  for (const lease of new Set(leases)) {
    if (!state.leases.has(lease.leaseId)) {
      addLease(state, lease)
      continue
    }
    const leaseId = freeId(state.leases, lease.lane, Number.MAX_SAFE_INTEGER - aliased.size)
    aliased.set(leaseId, lease)
    addLease(state, { ...lease, leaseId })
  }
  const answer = admission(state, { claim, holder, nowMs, ownClock, evidence, place: null, ticketKey: null })
  return aliased.size === 0 ? answer : withOwnIds(answer, aliased)
}

/** An id of this lane that no lease here has, at `newest` or the nearest token below. */
function freeId(leases: LedgerState['leases'], lane: Lane, newest: number): LeaseId {
  let leaseId = leaseIdOf(lane, Token.parse(newest))
  for (let token = newest - 1; leases.has(leaseId); token -= 1) leaseId = leaseIdOf(lane, Token.parse(token))
  return leaseId
}

function withOwnIds(answer: Admission, aliased: ReadonlyMap<LeaseId | null, Lease>): Admission {
  if (answer.admitted) return { ...answer, evict: answer.evict.map(lease => aliased.get(lease.leaseId) ?? lease) }
  const obstacles = answer.obstacles.map(obstacle => {
    const lease = aliased.get(obstacle.blocker.leaseId)
    return lease === undefined ? obstacle : { ...obstacle, blocker: { ...obstacle.blocker, leaseId: lease.leaseId } }
  })
  return { ...answer, obstacles }
}
