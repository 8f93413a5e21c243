import { checkpointEntry, writeCheckpoint, type WriteCheckpoint } from './checkpoint-entry.ts'
import { compare, type Comparison } from './comparison.ts'
import type { CutHistory } from './compaction-keeps-the-fold.ts'
import { CORE, foldWith, type Folding } from './folding.ts'

/** Law 3: a CHECKPOINT of the current state with unchanged config, inserted anywhere, changes nothing. test/core/law-03. */
export function checkpointChangesNothing<S>(
  folding: Folding<S>,
  { before, after }: CutHistory,
  write: WriteCheckpoint = writeCheckpoint,
): Comparison {
  const inserted = [...before, checkpointEntry(foldWith(CORE, before), write), ...after]
  return compare(folding.view(foldWith(folding, [...before, ...after])), folding.view(foldWith(folding, inserted)))
}
