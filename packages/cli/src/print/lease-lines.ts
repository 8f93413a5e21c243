import type { LeaseJson } from '@holdfast/projections'
import { processText } from './process-text.ts'
import { table } from './table.ts'
import { instant, span } from './times.ts'
import { tone } from './tone.ts'

/** One lease in full: a headline, then what matters to its holder. */
export function leaseLines(headline: string, lease: LeaseJson, nowMs: number): readonly string[] {
  const rows: [string, string][] = [
    ['  holder', lease.runId === null ? lease.holder : `${lease.holder}, run ${lease.runId}`],
    ['  token', tone.strong(String(lease.token))],
    ['  region', lease.region.length === 0 ? 'the lane alone' : lease.region.join(' ')],
    ['  safe until', instant(Date.parse(lease.safeUntil), nowMs)],
    ['  expires', `${instant(Date.parse(lease.expiresAt), nowMs)}, grace of ${span(lease.graceMs)} included`],
  ]
  if (lease.mode === 'shared') rows.push(['  mode', 'shared'])
  if (lease.process !== null) rows.push(['  bound to', processText(lease.process)])
  return [`${headline}  ${lease.lane}  ${tone.faint(lease.leaseId)}`, ...table(rows)]
}
