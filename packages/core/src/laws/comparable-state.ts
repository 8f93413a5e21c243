import type { LedgerState } from '../state/ledger-state.ts'
import { snapshotState } from '../state/snapshot.ts'

/**
 * The whole state as plain, ordered data: two states are the same when these are. It leaves out `head` (an inserted
 * CHECKPOINT takes a revision) and entries that have ended by the log's own time (they answer nothing any more).
 */
export function comparableState(state: LedgerState) {
  const { ledgerId, foreign, offset, clockOffset, minWriter, movedTo, config } = state
  return { ledgerId, foreign, offset, clockOffset, minWriter, movedTo, config, ...snapshotState(state) }
}
