import { fork, initialState, type LedgerState } from '@holdfast/core'
import { nextRevision } from '@holdfast/core/internal'
import { readHistory, type LogStore } from '@holdfast/store'
import type { Projection } from '../projection.ts'
import { stateAt, type HistoryPoint } from './state-at.ts'

/** A query from a point of the history on. */
export interface SinceQuery<S, V> {
  /** Everything that was recorded after it is folded; `null`: everything that ever was. */
  readonly since: HistoryPoint | null
  /** Made for the state that the ledger had at the point. */
  readonly projection: (then: LedgerState) => Projection<S, V>
  /** Called with how many entries are folded so far, and the revision of the first one's predecessor. */
  readonly onProgress?: (folded: number, after: number) => void
}

/**
 * What a projection says of the history since a point: it costs what is folded, and not what lies before. A point before
 * the first entry that is there means all of it. Rejects as the store does.
 */
export async function querySince<S, V>(
  store: LogStore,
  stream: string,
  { since, projection, onProgress = () => {} }: SinceQuery<S, V>,
): Promise<V> {
  const then = since === null ? initialState() : (await stateAt(store, stream, since)).state
  const made = projection(fork(then))
  const from = then.head === -1 ? undefined : nextRevision(then.head)
  let state = made.initial()
  let folded = 0
  for await (const entries of readHistory(store, stream, { from })) {
    for (const entry of entries) state = made.evolve(state, entry)
    folded += entries.length
    onProgress(folded, then.head)
  }
  return made.view(state, await store.now(stream))
}
