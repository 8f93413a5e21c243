import type { CheckpointOutcome, ConfigurationContradiction } from '@holdfast/core'
import type { QueueFull } from '@holdfast/engine/lean'
import { StoreError } from '@holdfast/store'
import { clock } from '../print/times.ts'
import { UsageError } from '../failure/usage-error.ts'

/** Throws for everything but a CHECKPOINT that was written: the command has nothing else to answer with. */
export function checkpointed(outcome: CheckpointOutcome | QueueFull): void {
  switch (outcome.outcome) {
    case 'checkpointed':
      return
    case 'invalid':
      throw new UsageError(`${outcome.faults.map(told).join('; ')}.`)
    case 'queue-full':
      throw new StoreError('unavailable', 'The ledger is busy: too many commands wait. Try again.')
    case 'blocked':
      throw new Error(outcome.message)
  }
}

function told({ path, message, untilMs }: ConfigurationContradiction): string {
  return `${path}: ${message}${untilMs === undefined ? '' : ` (it ends by itself at ${clock(untilMs)}, unless it is renewed)`}`
}
