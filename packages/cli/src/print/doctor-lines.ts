import type { AtPlace } from '@holdfast/server/schemas'
import { nextLines, WHY } from '@holdfast/server/text'
import type { DoctorAnswer, InTheWay } from '../schemas/ledger.ts'
import { plain } from './plain.ts'
import { serverText } from './server-line.ts'
import { table } from './table.ts'
import { instant } from './times.ts'
import { tone } from './tone.ts'

/** What each check says, then what is in the way: since when, until when, and what to do. */
export function doctorLines({ ok, checks, inTheWay, server, ...at }: DoctorAnswer, nowMs: number): readonly string[] {
  const told = new Set(inTheWay.map(({ check }) => check))
  const rows = checks.map(({ name, ok: holds, severity, detail, count }) => [
    holds ? tone.good('ok') : severity === 'fault' ? tone.bad('FAULT') : tone.warn('finding'),
    name,
    detail === undefined ? '' : told.has(name) ? `${count} in the way` : plain(detail),
  ])
  return [
    placeLine(at),
    `Server: ${serverText(server)}.`,
    ...table(rows),
    ...inTheWay.flatMap(one => obstacleLines(one, nowMs)),
    conclusion(ok, inTheWay.length),
  ]
}

function obstacleLines({ check, text, since, until, next }: InTheWay, nowMs: number): readonly string[] {
  return [
    `${tone.warn(check)}  ${text}`,
    `  since       ${since === null ? 'not known' : instant(Date.parse(since), nowMs)}`,
    ...(until === null ? [] : [`  until       ${instant(Date.parse(until), nowMs)}`]),
    ...nextLines(next),
  ]
}

function conclusion(ok: boolean, count: number): string {
  if (!ok) return tone.bad('Nothing can be granted here.')
  if (count === 0) return tone.good('Nothing stands in the way.')
  return tone.warn(count === 1 ? 'One thing stands in the way.' : `${count} things stand in the way.`)
}

/** Which ledger an answer is about, in a line. */
export function placeLine({ ledgerId, store, why, root }: AtPlace & { readonly ledgerId: string }): string {
  return `Ledger ${ledgerId} at ${plain(store)} (${WHY[why]}); regions are relative to ${plain(root)}.`
}
