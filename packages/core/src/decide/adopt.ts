import { leaseObstacle } from '../admission/obstacle.ts'
import type { AdoptGround, EndCause, ProposedEvent, ReapClaim } from '../events.ts'
import { nextRevision, type EpochMs } from '../ids.ts'
import { orphanUntilMs, type Lease } from '../state/lease.ts'
import { fork, type LedgerState } from '../state/ledger-state.ts'
import type { AdoptCommand } from './command.ts'
import { decisionTime, final, tryOut, type Decision } from './decision.ts'
import type { Surroundings } from './evidence.ts'
import { findLease } from './find-lease.ts'
import { groundsAgainst, type Grounds } from './grounds.ts'
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
  const nowMs = decisionTime(state, around.nowMs)
  const grounds = groundsAgainst(state, lease, nowMs, around.evidence)
  const ground = groundOf(grounds, lease, command)
  if (ground === null) return refuseHeld(state, lease, command, nowMs)
  const event = adoptEvent(state, lease, command, { ground, grounds })
  const adopted = tryOut(fork(state), event, nowMs).leases.get(lease.leaseId) ?? lease
  return final({ outcome: 'adopted', lease: adopted, previousToken: lease.token }, [event])
}

/** The ground that leaves the least behind: expiry and death first, force last. */
function groundOf(grounds: Grounds, lease: Lease, command: AdoptCommand): AdoptGround | null {
  const cause = command.claim?.cause
  if (cause === undefined || lease.claim !== null) {
    if (grounds.expired) return 'expired'
    if (grounds.processDead) return 'process-dead'
    if (grounds.exited) return 'exited'
  } else if (holdsFor(cause, grounds)) {
    return cause === 'age-ceiling' || cause === 'manual' ? 'forced' : cause
  }
  return command.force ? 'forced' : null
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

function adoptEvent(state: LedgerState, lease: Lease, command: AdoptCommand, why: Why): ProposedEvent {
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
  }
}

/** The first claim names cause, exit and attempt; whoever takes it over copies them, so that the effect keeps its key. */
function claimOf(state: LedgerState, lease: Lease, command: AdoptCommand): ReapClaim | undefined {
  if (command.claim === undefined) return undefined
  if (lease.claim !== null) return lease.claim
  return {
    key: nextRevision(state.head),
    cause: command.claim.cause,
    attempt: lease.attempt,
    ...(lease.exit === null ? {} : { exit: lease.exit.status }),
  }
}

function refuseHeld(state: LedgerState, lease: Lease, command: AdoptCommand, nowMs: EpochMs): Decision<Refused> {
  const freeAtMs = orphanUntilMs(lease, state.config.orphanGraceMs)
  const request = {
    op: 'adopt',
    holder: command.newHolder,
    process: command.process,
    leaseId: lease.leaseId,
    token: lease.token,
  } as const
  const obstacle = leaseObstacle(lease, { code: 'still-held', own: false, freeAtMs })
  const expiresAt = lease.expiresAtMs
  return refuse(
    state,
    { request, code: 'still-held', obstacles: [obstacle], freeAtMs, expiresAt, reason: command.reason },
    nowMs,
  )
}
