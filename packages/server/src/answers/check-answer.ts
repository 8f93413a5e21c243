import type { CheckOutcome } from '@holdfast/engine/lean'
import { instantOf } from '@holdfast/projections'
import type { AnsweredLedger } from './answered-ledger.ts'
import { atLedger } from './at-ledger.ts'
import { leaseAnswer, pendingHalt } from './lease-answer.ts'
import type { AtMoment } from './lease-steps.ts'
import { notHeldAnswer, type NotHeldRequest } from './not-held-answer.ts'
import type { CheckAnswer } from './schemas/held-lease.ts'

/** Whether a lease is held, in the form of the answers. */
export function checkAnswer(
  outcome: CheckOutcome,
  ledger: AnsweredLedger,
  asked: NotHeldRequest & AtMoment,
): CheckAnswer {
  const { nowMs } = asked.moment
  const at = { ...atLedger(ledger), held: outcome.outcome === 'held' }
  switch (outcome.outcome) {
    case 'held':
    case 'expired':
    case 'in-grace':
      return {
        ...at,
        outcome: outcome.outcome,
        lease: leaseAnswer(outcome.lease, ledger, nowMs),
        halt: pendingHalt(ledger.state, outcome.lease, nowMs),
      }
    case 'draining':
      return {
        ...at,
        outcome: 'draining',
        lease: leaseAnswer(outcome.lease, ledger, nowMs),
        halt: pendingHalt(ledger.state, outcome.lease, nowMs),
        until: instantOf(outcome.untilMs),
      }
    case 'not-held':
    case 'stale-token':
      return { ...at, ...notHeldAnswer(outcome, asked) }
  }
}
