import type { HistoryPoint } from '@holdfast/projections'
import { historyPoint } from '../input/history-point.ts'
import { takenAs } from '../input/read-time.ts'
import type { Shell } from './shell.ts'

/** Reads a point in the history, and says to people which instant was meant where the text does not say it. */
export async function askedPoint(shell: Shell, text: string, field: string): Promise<HistoryPoint> {
  const point = await historyPoint(text, field)
  if ('revision' in point) return { revision: point.revision }
  const said = takenAs(point)
  if (said !== null && !shell.json) shell.out.remark(said)
  return { atMs: point.atMs }
}
