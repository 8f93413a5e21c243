import { progressText } from '@holdfast/engine/internal'
import type { ReapLine } from '../schemas/reap.ts'
import { plain } from './plain.ts'
import { tone } from './tone.ts'

const TONES = {
  planned: tone.strong,
  left: tone.faint,
  reaped: tone.good,
  'halt-proposed': tone.warn,
  'halt-recorded': tone.warn,
  lost: tone.faint,
  failed: tone.bad,
  refused: tone.warn,
} as const

/** A decision for people: what, about which lease, why, and on which evidence. */
export function reapLines(line: ReapLine): readonly string[] {
  const { result, verdict, lane, leaseId, disposition, reason, detail } = line
  const what = result === 'planned' ? `would ${verdict}` : result
  const ending = disposition === null ? '' : `  ${disposition}`
  const told = detail === '' || detail === reason ? '' : `; ${plain(detail)}`
  const decide = result === 'halt-proposed' ? [`  to stop   ${haltCommand(line)}`] : []
  return [
    `${TONES[result](what)}  ${plain(lane)}  ${tone.faint(leaseId)}${ending}  ${plain(reason)}${told}`,
    `  evidence  ${evidenceText(line)}`,
    ...decide,
  ]
}

/** What somebody who agrees with the proposal may call. */
function haltCommand({ leaseId }: ReapLine): string {
  return `holdfast halt ${shellWord(`reaper:${leaseId}`)} --lease ${shellWord(leaseId)}`
}

/** A word that a shell reads as it is. */
function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${plain(text).replaceAll("'", String.raw`'\''`)}'`
}

function evidenceText({ evidence, deadTicks }: ReapLine): string {
  const { process, children, gate, spinning, progress, effectFailures } = evidence
  const parts = [`process ${process}`]
  if (deadTicks > 0) parts.push(deadTicks === 1 ? 'found dead once' : `found dead ${deadTicks} times in a row`)
  if (children.length > 0) parts.push(`children ${children.join(' ')}`)
  parts.push(`gate ${gate}`)
  if (spinning) parts.push('beats without progress')
  if (progress !== undefined) parts.push(`${progress.verdict} (${progress.basis}): ${plain(progressText(progress))}`)
  if (effectFailures > 0)
    parts.push(effectFailures === 1 ? 'effect failed once' : `effect failed ${effectFailures} times`)
  return parts.join(', ')
}
