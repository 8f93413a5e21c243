import { mergeRisksOf } from '../admission/merge-risks.ts'
import { leaseObstacle } from '../admission/obstacle.ts'
import type { Configuration } from '../configuration.ts'
import type { Claim } from '../lease-events.ts'
import type { RecordedRequest } from '../refuse-event.ts'
import type { EpochMs } from '../ids.ts'
import { sameProcess } from '../process-identity.ts'
import { isExpired, type Lease } from '../state/lease.ts'
import type { LedgerState } from '../state/ledger-state.ts'
import { requestKey } from '../state/entry-keys.ts'
import type { RememberedRequest } from '../state/entries.ts'
import { sameClaim } from '../state/same-claim.ts'
import type { AcquireCommand } from './command.ts'
import { final, type Decision } from './decision.ts'
import type { Surroundings } from '../evidence.ts'
import type { AcquireOutcome, Ended } from './outcome.ts'
import { refuse } from './refusal.ts'

interface Asked {
  readonly claims: readonly Claim[]
  readonly recorded: RecordedRequest
  readonly nowMs: EpochMs
  readonly around: Surroundings
}

/**
 * The answer to a request whose id has been granted before; `null` when it has not. A second grant for one id would
 * give two tokens to what its sender believes to be one lease, so: the same grant while it lives, `ended` after.
 */
export function repeatedRequest(
  state: LedgerState,
  command: AcquireCommand,
  asked: Asked,
): Decision<AcquireOutcome> | null {
  if (command.requestId === undefined) return null
  const known = state.requests.get(requestKey(command.holder, command.requestId), asked.nowMs)
  if (known === undefined) return null
  const leases = liveGrants(state, known)
  const ended = endOf(known, leases, asked.nowMs)
  if (ended !== null) return final(ended)
  if (!isSameRequest(command, asked.claims, leases, state.config)) {
    const reason = `request ${command.requestId} was for something else; use a new id for a new request`
    const why = { request: asked.recorded, code: 'request-id-reused', obstacles: [], freeAtMs: null, reason } as const
    return refuse(state, why, asked.nowMs)
  }
  const foreign = leases.filter(({ process }) => process !== null && !sameProcess(process, command.process))
  if (foreign.length > 0) {
    const why = { code: 'held-by-self', own: true, freeAtMs: null } as const
    const obstacles = foreign.map(lease => leaseObstacle(lease, why))
    const reason = 'another process was granted this request and still holds the lease'
    return refuse(
      state,
      { request: asked.recorded, code: 'held-by-self', obstacles, freeAtMs: null, reason },
      asked.nowMs,
    )
  }
  const [lease] = leases
  if (lease === undefined) return null
  const risks = mergeRisksOf(state, leases, { ...asked.around, nowMs: asked.nowMs })
  return final({ outcome: 'granted', lease, leases, repeated: true, evicted: [], ...risks })
}

/** `all` was granted as a whole: with one claim more or fewer it is another request. */
function isSameRequest(
  command: AcquireCommand,
  claims: readonly Claim[],
  leases: readonly Lease[],
  config: Configuration,
): boolean {
  if (command.policy === 'all' && claims.length !== leases.length) return false
  return leases.every(lease => claims.some(claim => sameClaim(lease, claim, config)))
}

function liveGrants(state: LedgerState, known: RememberedRequest): Lease[] {
  return known.grants.flatMap(({ leaseId, token }) => {
    const lease = state.leases.get(leaseId)
    return lease?.token === token ? [lease] : []
  })
}

function endOf(known: RememberedRequest, live: readonly Lease[], nowMs: EpochMs): Ended | null {
  const gone = known.grants.find(({ ended }) => ended !== null)
  if (gone !== undefined && gone.ended !== null) {
    return { outcome: 'ended', how: gone.ended, leaseId: gone.leaseId, token: gone.token }
  }
  const late = live.find(lease => isExpired(lease, nowMs))
  return late === undefined ? null : { outcome: 'ended', how: 'expired', leaseId: late.leaseId, token: late.token }
}
