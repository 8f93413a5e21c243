import type { LogEntry } from '../log-entry.ts'
import { checkpointEntry, writeCheckpoint, type WriteCheckpoint } from './checkpoint-entry.ts'
import { compare, type Comparison } from './comparison.ts'
import { CORE, foldWith, type Folding } from './folding.ts'

/** A history cut in two. The revision after the head of `before` must be free, or `after` empty. */
export interface CutHistory {
  readonly before: readonly LogEntry[]
  readonly after: readonly LogEntry[]
}

/**
 * Law 2a: `fold(compact(E) ++ S) = fold(E ++ S)` for every S, the whole state: E is replaced by the one CHECKPOINT that
 * compaction writes. Holds for core's state and for every projection of the state. test/core/law-02.
 */
export function compactionKeepsTheFold<S>(
  folding: Folding<S>,
  { before, after }: CutHistory,
  write: WriteCheckpoint = writeCheckpoint,
): Comparison {
  const compacted = [checkpointEntry(foldWith(CORE, before), write), ...after]
  return compare(folding.view(foldWith(folding, [...before, ...after])), folding.view(foldWith(folding, compacted)))
}
