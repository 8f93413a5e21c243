import { plain } from './plain.ts'
import { instant } from './times.ts'
import { tone } from './tone.ts'

interface Wait {
  readonly holder: string
  readonly for: string
  readonly detail?: string | undefined
  readonly sinceMs: number
}

/** Somebody who waits for a human, on one line. */
export function waitLine({ holder, for: answer, detail, sinceMs }: Wait, nowMs: number): string {
  const what = detail === undefined ? answer : `${answer}: ${detail}`
  return `${tone.warn('waits for a human')}  ${plain(holder)}  ${plain(what)}, since ${instant(sinceMs, nowMs)}`
}
