import type { CheckpointData } from '../checkpoint-event.ts'
import type { LedgerState } from '../state/ledger-state.ts'
import { restoreState } from '../state/snapshot.ts'
import { writeCheckpoint, type WriteCheckpoint } from './checkpoint-entry.ts'
import { compare, different, type Comparison } from './comparison.ts'
import type { CutHistory } from './compaction-keeps-the-fold.ts'
import { CORE, foldWith, type Folding } from './folding.ts'

/** Law 9, first half: the fold from a snapshot and the tail is the fold from the start. test/core/law-09. */
export function snapshotAndTail(
  { before, after }: CutHistory,
  write: WriteCheckpoint = writeCheckpoint,
  folding: Folding<LedgerState> = CORE,
): Comparison {
  const head = foldWith(folding, before)
  const written = JSON.parse(JSON.stringify(write(head))) as CheckpointData
  const restored = restoreState(written)
  if (restored === null) return different('$ (the snapshot)', 'readable', written)
  restored.head = head.head
  return compare(
    folding.view(foldWith(folding, [...before, ...after])),
    folding.view(foldWith(folding, after, restored)),
  )
}

/**
 * Law 9, second half: folding in pieces is folding at once, also when a piece comes again: entries at or below the head
 * change nothing.
 */
export function incrementalIsWhole<S>(folding: Folding<S>, { before, after }: CutHistory): Comparison {
  const pieces = foldWith(folding, [...before, ...before, ...after, ...after.slice(-1)])
  return compare(folding.view(foldWith(folding, [...before, ...after])), folding.view(pieces))
}
