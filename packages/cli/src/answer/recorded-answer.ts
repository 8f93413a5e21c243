import type { CheckpointOutcome, ConfigurationContradiction, IntentOutcome } from '@holdfast/core'
import type { QueueFull } from '@holdfast/engine/lean'
import { StoreError } from '@holdfast/store'
import { EXIT } from '../failure/exit-code.ts'
import { UsageError } from '../failure/usage-error.ts'
import { clock } from '../print/times.ts'

/** What `halt` and `spawn` end with. */
export function intentExitCode({ outcome }: IntentOutcome | QueueFull): number {
  return outcome === 'recorded' ? EXIT.done : EXIT.unavailable
}

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
