import type { RecordedEvent } from '../events.ts'
import { noteUnreadable, type LedgerState } from '../state/ledger-state.ts'
import { restoreState } from '../state/snapshot.ts'

/**
 * Resets the fold to the state that the CHECKPOINT carries. It moves no clock and is not counted (law 3). One of
 * another ledger marks the state `foreign`; one whose state cannot be read stops writers and changes nothing else.
 */
export function evolveCheckpoint(state: LedgerState, event: RecordedEvent<'CHECKPOINT'>): LedgerState {
  const { data, revision } = event
  if (state.ledgerId !== null && state.ledgerId !== data.ledgerId) {
    state.head = revision
    state.foreign = true
    return state
  }
  const restored = restoreState(data)
  if (restored === null) {
    state.head = revision
    state.unrecognisedCount += 1
    noteUnreadable(state, revision)
    return state
  }
  restored.head = revision
  restored.foreign = state.foreign
  return restored
}
