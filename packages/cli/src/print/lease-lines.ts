import type { LeaseJson } from '@holdfast/projections'
import { plain } from './plain.ts'
import { processText } from './process-text.ts'
import { table } from './table.ts'
import { endAt, instant, span } from './times.ts'
import { tone } from './tone.ts'
import { notableTree, treeText } from './tree-text.ts'

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
