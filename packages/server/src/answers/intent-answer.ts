import type { IntentOutcome } from '@holdfast/core'
import type { QueueFull } from '@holdfast/engine/lean'
import type { AnsweredLedger } from './answered-ledger.ts'
import type { IntentAnswer } from './schemas/held-lease.ts'
import { atLedger } from './at-ledger.ts'

/** What was recorded, in the form of the answers. */
export function intentAnswer(outcome: IntentOutcome | QueueFull, ledger: AnsweredLedger): IntentAnswer {
  if (outcome.outcome === 'blocked') throw new Error(outcome.message)
  return { ...atLedger(ledger), ...outcome }
}
