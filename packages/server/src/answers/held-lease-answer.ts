import type {
  AdoptOutcome,
  Blocked,
  HeartbeatOutcome,
  NotHeld,
  Refused as RefusedOutcome,
  ReleaseOutcome,
  ScavengeOutcome,
  StaleToken,
} from '@holdfast/core'
import type { QueueFull } from '@holdfast/engine/lean'
import { instantOf } from '@holdfast/projections'
import type { AnsweredLedger } from './answered-ledger.ts'
import { atLedger } from './at-ledger.ts'
import { leaseAnswer, pendingHalt } from './lease-answer.ts'
import type { AtMoment } from './lease-steps.ts'
import { notHeldAnswer, type NotHeldRequest } from './not-held-answer.ts'
import { refusedAnswer } from './refused-answer.ts'
import type { AdoptAnswer, HeartbeatAnswer, ReleaseAnswer, ScavengeAnswer } from './schemas/held-lease.ts'
import type { Refused } from './schemas/refused.ts'

// What adopt, release, scavenge and heartbeat come to, in the form of the answers.

type Lost = NotHeld | StaleToken | QueueFull | Blocked
type LostAnswer = ReturnType<typeof notHeldAnswer> | { readonly outcome: 'queue-full' }

/** What is asked of a lease that somebody else can hold. */
type Asked = NotHeldRequest & AtMoment & { readonly op: 'adopt' | 'release' | 'scavenge' }

export function adoptAnswer(outcome: AdoptOutcome | QueueFull, ledger: AnsweredLedger, asked: Asked): AdoptAnswer {
  const at = atLedger(ledger)
  if (outcome.outcome !== 'adopted') return { ...at, ...undoneAnswer(outcome, asked) }
  return { ...at, ...outcome, lease: leaseAnswer(outcome.lease, ledger, asked.moment.nowMs) }
}

export function heartbeatAnswer(
  outcome: HeartbeatOutcome | QueueFull,
  ledger: AnsweredLedger,
  asked: NotHeldRequest & AtMoment,
): HeartbeatAnswer {
  const at = atLedger(ledger)
  if (outcome.outcome !== 'beaten') return { ...at, ...lostAnswer(outcome, asked) }
  const { lease } = outcome
  const { nowMs } = asked.moment
  return {
    ...at,
    ...outcome,
    lease: leaseAnswer(lease, ledger, nowMs),
    halt: pendingHalt(ledger.state, lease, nowMs),
  }
}

export function releaseAnswer(
  outcome: ReleaseOutcome | QueueFull,
  ledger: AnsweredLedger,
  asked: Asked,
): ReleaseAnswer {
  const isDone = outcome.outcome === 'released' || outcome.outcome === 'drained'
  return { ...atLedger(ledger), ...(isDone ? outcome : undoneAnswer(outcome, asked)) }
}

export function scavengeAnswer(
  outcome: ScavengeOutcome | QueueFull,
  ledger: AnsweredLedger,
  asked: Asked,
): ScavengeAnswer {
  const at = atLedger(ledger)
  if (outcome.outcome !== 'scavenged') return { ...at, ...undoneAnswer(outcome, asked) }
  const { leaseId, token, drainsUntilMs } = outcome
  const drainsUntil = drainsUntilMs === null ? null : instantOf(drainsUntilMs)
  return { ...at, outcome: outcome.outcome, leaseId, token, drainsUntil }
}

/** That no lease of that token is live, or that the ledger is busy. */
function lostAnswer(outcome: Lost, asked: NotHeldRequest): LostAnswer {
  switch (outcome.outcome) {
    case 'not-held':
    case 'stale-token':
      return notHeldAnswer(outcome, asked)
    case 'queue-full':
      return outcome
    case 'blocked':
      throw new Error(outcome.message)
  }
}

/** The same of a command that can be refused as well. */
function undoneAnswer(outcome: RefusedOutcome | Lost, asked: Asked): Refused | LostAnswer {
  return outcome.outcome === 'refused' ? refusedAnswer(outcome, asked) : lostAnswer(outcome, asked)
}
