import type { CheckpointOutcome } from '@holdfast/core'
import type { QueueFull } from '@holdfast/engine/lean'
import { StoreError } from '@holdfast/store'
import { UsageError } from '../program/usage-error.ts'

/** Throws for everything but a CHECKPOINT that was written: the command has nothing else to answer with. */
export function checkpointed(outcome: CheckpointOutcome | QueueFull): void {
  switch (outcome.outcome) {
    case 'checkpointed':
      return
    case 'invalid':
      throw new UsageError(`${outcome.faults.map(({ path, message }) => `${path}: ${message}`).join('; ')}.`)
    case 'queue-full':
      throw new StoreError('unavailable', 'The ledger is busy: too many commands wait. Try again.')
    case 'blocked':
      throw new Error(outcome.message)
  }
}
