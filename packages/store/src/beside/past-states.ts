import type { HistoryAccess } from '../history-access.ts'
import type { LogStore } from '../port.ts'
import { withState } from './read-state.ts'
import { isBeside } from './side-state.ts'

/** The same, for whom an archived CHECKPOINT is a beginning: with its state, which may lie beside it. */
export function pastWithStates(store: Pick<LogStore, 'read'>, past: HistoryAccess): HistoryAccess {
  return {
    at: (stream, revisions) => past.at(stream, revisions),
    revisionAt: (stream, atMs) => past.revisionAt(stream, atMs),
    archivedCheckpoint: async (stream, before) => {
      let checkpoint = await past.archivedCheckpoint(stream, before)
      while (isBeside(checkpoint)) {
        const whole = await withState(store, checkpoint)
        if (whole !== null) return whole
        checkpoint = await past.archivedCheckpoint(stream, checkpoint.revision)
      }
      return checkpoint
    },
    kept: (stream, codeVersion, buckets) => past.kept(stream, codeVersion, buckets),
    keptState: (stream, codeVersion, upTo, after) => past.keptState(stream, codeVersion, upTo, after),
    keep: (stream, codeVersion, pieces) => past.keep(stream, codeVersion, pieces),
  }
}
