import type { EpochMs, LedgerState } from '@holdfast/core'
import { querySince, stateAt, type HistoryPoint, type Projection } from '@holdfast/projections'
import { demandPast } from '../input/history-point.ts'
import { clock } from '../print/times.ts'
import { askedPoint } from './asked-point.ts'
import { openFold, type OpenFold } from './open-fold.ts'
import type { Shell } from './shell.ts'

/** How far back is looked unless told otherwise. */
const LOOKED_BACK_MS = 24 * 60 * 60 * 1000

/** What a projection says since a point, and how that is told. */
export interface AnswerSince<V> {
  readonly at: OpenFold['at']
  readonly nowMs: EpochMs
  readonly sinceMs: EpochMs
  readonly view: V
}

/** A flag that says from where on a question looks. */
export const SINCE_FLAG = [
  '--since <point>',
  'look from here on: r<revision>, a time, or "2h ago" (default: 24h ago)',
] as const

interface SinceQuestion<S, V> {
  readonly since: string | undefined
  readonly projection: (then: LedgerState) => Projection<S, V>
  /** Folds what lies before as well: the answer needs it, and leaves out what it does not ask for. */
  readonly whole?: boolean
}

/** Asks what a projection says of the history since a point, by default of a day. Shows progress. */
export async function askSince<S, V>(
  shell: Shell,
  { since, projection, whole = false }: SinceQuestion<S, V>,
): Promise<AnswerSince<V>> {
  const asked = since === undefined ? null : await askedPoint(shell, since, 'since')
  await using ledger = await openFold(shell)
  const { at, nowMs, store, stream } = ledger
  const point: HistoryPoint = asked ?? { atMs: nowMs - LOOKED_BACK_MS }
  demandPast(point, 'since', { head: at.head, nowMs })
  const progress = shell.progress()
  try {
    const view = await querySince(store, stream, {
      since: whole ? null : before(point),
      projection,
      onProgress: (done, after) => progress.show('folding', { unit: 'events', done, total: at.head - after }),
    })
    const sinceMs = 'atMs' in point ? (point.atMs as EpochMs) : (await stateAt(store, stream, point)).state.clockMs
    return { at, nowMs, sinceMs, view }
  } finally {
    progress.end()
  }
}

/** The point itself is looked at as well. */
function before(point: HistoryPoint): HistoryPoint {
  return 'revision' in point ? { revision: point.revision - 1 } : { atMs: point.atMs - 1 }
}

/** Says from when on was looked. */
export function sinceText(sinceMs: number): string {
  return `since ${clock(sinceMs)}`
}
