import type { EpochMs } from '@holdfast/core'
import { readHistory, type LogStore } from '@holdfast/store'
import type { Projection } from '../projection.ts'

/**
 * What a projection says of everything that was ever recorded: archive and log as one history, whole, so it costs what
 * the history is long. What was dropped from the archive is not there to be told. Rejects as the store does.
 *
 * `queryPast(store, stream, lineageProjection)`: who held each lease before, why it changed hands, how it ended.
 */
export async function queryPast<S, V>(store: LogStore, stream: string, projection: Projection<S, V>): Promise<V> {
  let state = projection.initial()
  for await (const entries of readHistory(store, stream)) {
    for (const entry of entries) state = projection.evolve(state, entry)
  }
  const nowMs: EpochMs = await store.now(stream)
  return projection.view(state, nowMs)
}
