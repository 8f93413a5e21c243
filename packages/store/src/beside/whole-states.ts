import type { LogEntry } from '@holdfast/core'
import type { LogStore } from '../port.ts'
import { withState } from './read-state.ts'
import { isBeside } from './side-state.ts'

/**
 * Entries with every state that lies beside its CHECKPOINT and is sealed: for whoever checks them, or takes the history
 * out of its store. One that is not sealed stays as it is; it says nothing that the entries before it do not.
 */
export async function* withWholeStates(
  store: Pick<LogStore, 'read'>,
  batches: AsyncIterable<readonly LogEntry[]>,
): AsyncGenerator<readonly LogEntry[], void, undefined> {
  for await (const entries of batches) {
    if (!entries.some(isBeside)) {
      yield entries
      continue
    }
    for (const entry of entries) yield [isBeside(entry) ? ((await withState(store, entry)) ?? entry) : entry]
  }
}
