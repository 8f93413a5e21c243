import { leaseObstacle } from '../admission/obstacle.ts'
import type { AdoptGround, EndCause, ReapClaim } from '../lease-events.ts'
import type { RefusalCode } from '../refuse-event.ts'
import { nextRevision } from '../ids.ts'
import type { Lease } from '../state/lease.ts'
import { leaseAdopted } from '../evolve/lease-after.ts'
import type { LedgerState } from '../state/ledger-state.ts'
import type { AdoptCommand } from './command.ts'
import { decisionTime, final, type Decision } from './decision.ts'
import type { Surroundings } from '../evidence.ts'
import { findLease } from './find-lease.ts'
import { groundsAgainst, type Grounds } from './grounds.ts'
import { groundTimeMs } from './ground-time.ts'
import type { AdoptOutcome, Refused } from './outcome.ts'
import { refuse } from './refusal.ts'
import { closedToGrants } from './writability.ts'

/**
 * Decides an adoption: compare-and-set on the token, on one of the grounds for ending another's lease, or by force.
 * The new owner gets a new token; children keep running.
 */
export function decideAdopt(state: LedgerState, command: AdoptCommand, around: Surroundings): Decision<AdoptOutcome> {
  const closed = closedToGrants(state)
  if (closed !== null) return final(closed)
  const found = findLease(state, command.lane, command.expectToken)
  if (!('lease' in found)) return final(found)
  const { lease } = found
  const now = { ...around, nowMs: decisionTime(state, around.nowMs) }
  if (owesEffect(lease) && command.claim === undefined && !command.force) {
    return refuseHeld(state, lease, { code: 'awaiting-reap', command, now })
  }
  const grounds = groundsAgainst(state, lease, now)
  const ground = groundOf(grounds, lease, command)
  if (ground === null) return refuseHeld(state, lease, { code: 'still-held', command, now })
  const event = adoptEvent(state, lease, command, { ground, grounds })
  const recorded = { data: event.data, revision: nextRevision(state.head), recordedAt: now.nowMs }
  const adopted = leaseAdopted(lease, recorded)
  return final({ outcome: 'adopted', lease: adopted, previousToken: lease.token }, [event])
}

/** An adopter without a claim would forget the exit, or the key of an effect that has begun. */
function owesEffect(lease: Lease): boolean {
  return lease.reap === 'required' && (lease.exit !== null || lease.claim !== null)
}

/** The ground that leaves the least behind: expiry and death first, force last. */
function groundOf(grounds: Grounds, lease: Lease, command: AdoptCommand): AdoptGround | null {
  const cause = causeAsked(lease, command)
  if (cause === undefined) {
    if (grounds.expired) return 'expired'
    if (grounds.processDead) return 'process-dead'
    if (grounds.exited) return 'exited'
  } else if (holdsFor(cause, grounds)) {
    return cause === 'age-ceiling' || cause === 'manual' ? 'forced' : cause
  }
  return command.force ? 'forced' : null
}

/** A first claim rests on its own cause; everybody else, a next claimer too, on any ground. */
function causeAsked(lease: Lease, command: AdoptCommand): EndCause | undefined {
  return lease.claim === null ? command.claim?.cause : undefined
}

function holdsFor(cause: EndCause, grounds: Grounds): boolean {
  switch (cause) {
    case 'expired':
      return grounds.expired
    case 'process-dead':
      return grounds.processDead
    case 'exited':
      return grounds.exited
    case 'age-ceiling':
      return grounds.overAge
    case 'manual':
      return false
  }
}

interface Why {
  readonly ground: AdoptGround
  readonly grounds: Grounds
}

function adoptEvent(state: LedgerState, lease: Lease, command: AdoptCommand, why: Why) {
  const claim = claimOf(state, lease, command)
  return {
    type: 'ADOPT',
    data: {
      lane: lease.lane,
      leaseId: lease.leaseId,
      previousToken: lease.token,
      newHolder: command.newHolder,
      process: command.process,
      forced: why.ground === 'forced',
      ground: why.ground,
      evidence: why.grounds.evidence,
      reason: command.reason,
      ...(claim === undefined ? {} : { claim }),
    },
    ...(lease.runId === null ? {} : { runId: lease.runId }),
  } as const
}

/** The first claim names cause, exit and attempt; whoever takes it over copies them, so that the effect keeps its key. */
function claimOf(state: LedgerState, lease: Lease, command: AdoptCommand): ReapClaim | undefined {
  if (command.claim === undefined) return undefined
  if (lease.claim !== null) return lease.claim
  return {
    key: nextRevision(state.head),
    cause: command.claim.cause,
    ...(lease.exit === null ? {} : { exit: lease.exit.status }),
    attempt: lease.attempt,
  }
}

interface Denied {
  readonly code: Extract<RefusalCode, 'still-held' | 'awaiting-reap'>
  readonly command: AdoptCommand
  readonly now: Surroundings
}

function refuseHeld(state: LedgerState, lease: Lease, { code, command, now }: Denied): Decision<Refused> {
  const cause = causeAsked(lease, command)
  const freeAtMs = code === 'awaiting-reap' ? null : groundTimeMs(state, lease, { ...now, cause })
  const request = {
    op: 'adopt',
    holder: command.newHolder,
    process: command.process,
    leaseId: lease.leaseId,
    token: lease.token,
  } as const
  const obstacle = leaseObstacle(lease, { code, own: false, freeAtMs })
  const expiresAt = lease.expiresAtMs
  return refuse(state, { request, code, obstacles: [obstacle], freeAtMs, expiresAt, reason: command.reason }, now.nowMs)
}
