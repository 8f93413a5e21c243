import type { EventId } from '@holdfast/core'
import { LedgerFold, stateAt } from '@holdfast/projections'
import { StoreError, type LogStore } from '@holdfast/store'
import type { Kept } from './notice-file.ts'

/** Events that happened while no server ran, and are read for what they show. Of more, none is. */
const MISSED_EVENTS_MAX = 100_000

/** The fold at which an earlier server stopped; `null`: it is not of this history, or too long ago. */
export async function foldAt(
  store: LogStore,
  stream: string,
  { after, eventId, ledgerId }: Kept,
): Promise<LedgerFold | null> {
  const head = await store.head(stream)
  if (head === 'none' || head < after || head - after > MISSED_EVENTS_MAX) return null
  try {
    const { state, newest } = await stateAt(store, stream, { revision: after })
    const found: EventId | null = newest === null || newest.type === 'UNRECOGNISED' ? null : newest.eventId
    if (newest?.revision !== after || found !== eventId || state.ledgerId !== ledgerId) return null
    return new LedgerFold(state, found)
  } catch (error) {
    if (error instanceof StoreError && error.code === 'unavailable') throw error
    return null
  }
}
