import { leaseObstacle } from '../admission/obstacle.ts'
import type { EndCause, EndEvidence } from '../lease-events.ts'
import type { ProposedEvent } from '../events.ts'
import type { RefusalCode } from '../refuse-event.ts'
import type { EpochMs } from '../ids.ts'
import type { Lease } from '../state/lease.ts'
import { fork, type LedgerState } from '../state/ledger-state.ts'
import { drainingKey } from '../state/entry-keys.ts'
import { drainsUntilMs } from '../time/draining-at.ts'
import type { ScavengeCommand } from './command.ts'
import { decisionTime, final, tryOut, type Decision } from './decision.ts'
import { aliveAmong, type Surroundings } from '../evidence.ts'
import { findLease } from './find-lease.ts'
import { groundsAgainst, type Grounds } from './grounds.ts'
import { groundTimeMs } from './ground-time.ts'
import type { Refused, ScavengeOutcome } from './outcome.ts'
import { refuse } from './refusal.ts'
import { closedToGrants } from './writability.ts'

/**
 * Decides an eviction: on one of the grounds for ending another's lease, by force, or as the closing of a claim by the
 * reaper that holds it. A `required` lease ends only in the last two ways.
 */
export function decideScavenge(
  state: LedgerState,
  command: ScavengeCommand,
  around: Surroundings,
): Decision<ScavengeOutcome> {
  const closed = closedToGrants(state)
  if (closed !== null) return final(closed)
  const found = findLease(state, command.lane, command.token)
  if (!('lease' in found)) return final(found)
  const { lease } = found
  const nowMs = decisionTime(state, around.nowMs)
  const now = { ...around, nowMs }
  const grounds = groundsAgainst(state, lease, now)
  const verdict = judge(lease, command, grounds)
  if ('refusal' in verdict) return refuseHeld(state, lease, { code: verdict.refusal, command, now })
  const event = scavengeEvent(lease, command, { ...verdict, evidence: grounds.evidence })
  const { leaseId, token } = lease
  const after = tryOut(fork(state), event, nowMs)
  const entry = after.draining.getKept(drainingKey(leaseId, token), nowMs)
  const untilMs = entry === undefined ? nowMs : drainsUntilMs(entry, now)
  return final({ outcome: 'scavenged', leaseId, token, drainsUntilMs: untilMs > nowMs ? (untilMs as EpochMs) : null }, [
    event,
  ])
}

type Verdict =
  | { readonly cause: EndCause; readonly forced: boolean; readonly effect?: EndEvidence['effect'] }
  | { readonly refusal: RefusalCode }

function judge(lease: Lease, command: ScavengeCommand, grounds: Grounds): Verdict {
  if (lease.claim !== null && command.holder === lease.holder && !command.force) {
    return { cause: lease.claim.cause, forced: false, effect: command.effect }
  }
  if (command.force) {
    const skipped = lease.reap === 'required' ? ({ effect: 'skipped' } as const) : {}
    return { cause: command.cause ?? 'manual', forced: true, ...skipped }
  }
  if (lease.reap === 'required') return { refusal: 'awaiting-reap' }
  if (grounds.childAlive) return { refusal: 'orphan-alive' }
  return onGrounds(command.cause, grounds)
}

function onGrounds(asked: EndCause | undefined, grounds: Grounds): Verdict {
  const wants = (cause: EndCause) => asked === undefined || asked === cause
  if (grounds.expired && wants('expired')) return { cause: 'expired', forced: false }
  if (grounds.processDead && wants('process-dead')) return { cause: 'process-dead', forced: false }
  if (grounds.exited && wants('exited')) return { cause: 'exited', forced: false }
  if (grounds.overAge && asked === 'age-ceiling') return { cause: 'age-ceiling', forced: true }
  return { refusal: 'still-held' }
}

interface Ending {
  readonly cause: EndCause
  readonly forced: boolean
  readonly effect?: EndEvidence['effect']
  readonly evidence: EndEvidence
}

function scavengeEvent(lease: Lease, command: ScavengeCommand, ending: Ending): ProposedEvent {
  const { lane, leaseId, token, runId } = lease
  const { cause, forced, effect } = ending
  const evidence = effect === undefined ? ending.evidence : { ...ending.evidence, effect }
  const { disposition, reason } = command
  return {
    type: 'SCAVENGE',
    data: { lane, leaseId, token, cause, disposition, forced, evidence, reason },
    ...(runId === null ? {} : { runId }),
  }
}

interface Denied {
  readonly code: RefusalCode
  readonly command: ScavengeCommand
  readonly now: Surroundings
}

function refuseHeld(state: LedgerState, lease: Lease, { code, command, now }: Denied): Decision<Refused> {
  const { cause } = command
  const freeAtMs = code === 'still-held' ? groundTimeMs(state, lease, { ...now, cause }) : null
  const request = { op: 'scavenge', leaseId: lease.leaseId, token: lease.token } as const
  const child = code === 'orphan-alive' ? aliveAmong(now.evidence, lease.children) : undefined
  const obstacle = leaseObstacle(lease, { code, own: false, freeAtMs, child })
  const expiresAt = lease.expiresAtMs
  return refuse(state, { request, code, obstacles: [obstacle], freeAtMs, expiresAt, reason: command.reason }, now.nowMs)
}
