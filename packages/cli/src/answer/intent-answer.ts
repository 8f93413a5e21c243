import type { IntentOutcome } from '@holdfast/core'
import type { Ledger, QueueFull } from '@holdfast/engine/lean'
import { EXIT } from '../failure/exit-code.ts'
import type { IntentAnswer } from '../schemas/intent.ts'
import { atLedger } from './at-ledger.ts'

/** What was recorded, in the form of the answers. */
export function intentAnswer(outcome: IntentOutcome | QueueFull, ledger: Ledger): IntentAnswer {
  if (outcome.outcome === 'blocked') throw new Error(outcome.message)
  return { ...atLedger(ledger), ...outcome }
}

export function intentExitCode({ outcome }: IntentOutcome | QueueFull): number {
  return outcome === 'recorded' ? EXIT.done : EXIT.unavailable
}
