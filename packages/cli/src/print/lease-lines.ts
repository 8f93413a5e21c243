import type { MergeRisks } from '@holdfast/core'
import type { LeaseJson } from '@holdfast/projections'
import type { PendingHalt } from '@holdfast/server/schemas'
import { notableTree, processText, treeText } from '@holdfast/server/text'
import type { TypedLine } from '../program/typed-line.ts'
import { plain } from './plain.ts'
import { table } from './table.ts'
import { endAt, instant, span } from './times.ts'
import { tone } from './tone.ts'

/** One lease in full: a headline, then what matters to its holder. */
export function leaseLines(headline: string, lease: LeaseJson, nowMs: number): readonly string[] {
  const rows: [string, string][] = [
    ['  holder', lease.runId === null ? lease.holder : `${lease.holder}, run ${lease.runId}`],
    ['  token', tone.strong(String(lease.token))],
    ['  region', lease.region.length === 0 ? 'the lane alone' : lease.region.join(' ')],
    ['  safe until', endAt(Date.parse(lease.safeUntil), nowMs)],
    [
      Date.parse(lease.expiresAt) > nowMs ? '  expires' : '  expired',
      `${instant(Date.parse(lease.expiresAt), nowMs)}, grace of ${span(lease.graceMs)} included`,
    ],
  ]
  for (const { holder, until } of lease.draining) {
    const when = endAt(Date.parse(until), nowMs)
    rows.push(['  drains', `until ${when}, for ${plain(holder)} may still believe; no guard opens before`])
  }
  const tree = notableTree(lease.workTree, null)
  if (tree !== null) rows.push(['  granted in', treeText(tree)])
  if (lease.mode === 'shared') rows.push(['  mode', 'shared'])
  if (lease.process !== null) rows.push(['  bound to', processText(lease.process)])
  return [`${headline}  ${lease.lane}  ${tone.faint(lease.leaseId)}`, ...table(rows)]
}

/** What a grant in one of several work trees will meet when the branches are merged, one line each. */
export function mergeRiskLines({ mergeRisks, moreMergeRisks }: MergeRisks): readonly string[] {
  const lines = mergeRisks.map(({ leaseId, holder, workTree, witness }) => {
    const what = witness === undefined ? 'they may overlap' : `both cover ${tone.strong(plain(witness))}`
    return `${tone.warn('merge risk')}  ${plain(leaseId)} of ${plain(holder)} in ${treeText(workTree)}, ${what}`
  })
  if (moreMergeRisks > 0) lines.push(`${tone.warn('merge risk')}  ${moreMergeRisks} more`)
  return lines
}

/** Tells a holder that it is asked to stop, and how it says that it has. */
export function haltLines(
  halt: PendingHalt | null,
  { lane, holder, token }: LeaseJson,
  { typed, nowMs }: { readonly typed: TypedLine; readonly nowMs: number },
): readonly string[] {
  if (halt === null) return []
  const { revision, handle, reason, at } = halt
  const why = reason === '' ? '' : `: ${plain(reason)}`
  const release = typed.call('release', [lane], { holder, token: String(token) })
  return [
    `${tone.bad('halt')}  you were asked to stop ${instant(Date.parse(at), nowMs)}, r${revision} (${plain(handle)}${why})`,
    `  next  stop what you do, then: ${tone.strong(release)}`,
  ]
}
