import type { RecordedEvent } from '../events.ts'
import { noteUnreadable, type LedgerState } from '../state/ledger-state.ts'
import { restoreState } from '../state/snapshot.ts'

/**
 * Resets the fold to the state that the CHECKPOINT carries. It moves no clock and is not counted (law 3). One of
 * another ledger marks the state `foreign`; one whose state cannot be read stops writers and changes nothing else. One
 * whose state lies beside it keeps the state that was folded up to it, which is the same one.
 */
export function evolveCheckpoint(state: LedgerState, event: RecordedEvent<'CHECKPOINT'>): LedgerState {
  const { data, revision } = event
  if (state.ledgerId !== null && state.ledgerId !== data.ledgerId) {
    state.head = revision
    state.foreign = true
    return state
  }
  if (standsFor(event, state)) return passOver(state, event)
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

/**
 * Whether the state beside the CHECKPOINT is the one at hand: it is the fold of all before the CHECKPOINT, and that has
 * been folded. Who has folded something else, or nothing yet, needs the state itself.
 */
function standsFor({ data }: RecordedEvent<'CHECKPOINT'>, state: LedgerState): boolean {
  return (
    data.state.carrier === 'beside' &&
    state.ledgerId !== null &&
    data.throughRevision === state.head &&
    data.offset === state.offset &&
    data.clockOffset === state.clockOffset
  )
}

/** Keeps the state, and takes what the CHECKPOINT says itself. */
function passOver(state: LedgerState, { data, revision }: RecordedEvent<'CHECKPOINT'>): LedgerState {
  state.head = revision
  state.config = data.config
  state.minWriter = data.minWriter
  state.movedTo = data.movedTo ?? null
  return state
}
