import type { CheckpointOutcome } from '@holdfast/core'
import { StoreError } from '@holdfast/store'
import type { QueueFull } from '../pipeline/queue-full.ts'

/** Insists that a CHECKPOINT was written. Throws `unavailable` for a full queue, `invalid` for what it may not change. */
export function written(outcome: CheckpointOutcome | QueueFull): void {
  switch (outcome.outcome) {
    case 'checkpointed':
      return
    case 'queue-full':
      throw new StoreError('unavailable', 'The ledger is busy: too many commands wait. Try again.')
    case 'invalid': {
      const faults = outcome.faults.map(({ path, message }) => `${path}: ${message}`).join('; ')
      throw new StoreError('invalid', `The CHECKPOINT was refused: ${faults}.`)
    }
    case 'blocked':
      throw new StoreError(outcome.code === 'not-founded' ? 'invalid' : outcome.code, outcome.message)
  }
}
