import type { EpochMs } from '@holdfast/core'
import { LedgerFold, stateAt, type HistoryPoint } from '@holdfast/projections'
import { StoreError } from '@holdfast/store'
import { demandPast } from '../input/history-point.ts'
import type { OpenFold } from './open-fold.ts'

/**
 * The ledger as of a point of its history; its head is the newest revision by then. Rejects where nothing is that
 * old, and with a `UsageError` for a point that is yet to come.
 */
export async function foldAt(
  { at, store, stream, nowMs: presentMs }: OpenFold,
  point: HistoryPoint,
  field: string,
): Promise<Pick<OpenFold, 'at' | 'fold' | 'nowMs'>> {
  demandPast(point, field, { head: at.head, nowMs: presentMs })
  const { state } = await stateAt(store, stream, point)
  if (state.head === -1) {
    throw new StoreError('invalid', 'Nothing was recorded by then, or it was dropped from the archive.')
  }
  const nowMs = 'atMs' in point ? (Math.max(point.atMs, state.clockMs) as EpochMs) : state.clockMs
  return { at: { ...at, head: state.head }, fold: new LedgerFold(state), nowMs }
}
