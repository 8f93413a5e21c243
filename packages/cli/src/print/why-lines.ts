import type { WaitingCycle } from '@holdfast/core'
import { lineageJson, type ExplainedEvent, type LeaseView, type PastOf, type TicketView } from '@holdfast/projections'
import { blockerAnswer } from '../answer/refused-answer.ts'
import { eventLine } from './event-line.ts'
import { lineageLines } from './lineage-lines.ts'
import { plain } from './plain.ts'
import { processText } from './process-text.ts'
import { blockerText } from './refusal-lines.ts'
import { instant } from './times.ts'
import { tone } from './tone.ts'
import { linkedTree, treeText } from './tree-text.ts'

/** An event explained, for people. */
export function explainedLines(explained: ExplainedEvent, nowMs: number): readonly string[] {
  const { entry, causedBy, blockers, grantedLater } = explained
  const lines = [eventLine(entry)]
  if (causedBy !== null) lines.push(`because of   ${eventLine(causedBy)}`)
  if (entry.type !== 'REFUSE') return lines
  for (const blocker of entry.data.blockers) {
    lines.push(`blocked by   ${blockerText(blockerAnswer(blocker), entry.recordedAt)}`)
  }
  if (entry.data.moreBlockers > 0) lines.push(`blocked by   ${entry.data.moreBlockers} more`)
  for (const lease of blockers) lines.push(`held then    ${leaseText(lease, entry.recordedAt)}`)
  lines.push(`granted      ${grantedLater === null ? 'not so far' : eventLine(grantedLater)}`)
  const { earliestRetryAt } = entry.data
  if (grantedLater === null && earliestRetryAt !== undefined) {
    lines.push(`retry        ${instant(earliestRetryAt, nowMs)} at the earliest`)
  }
  return lines
}

/** What is known of a lane or lease. */
export interface Known {
  readonly name: string
  readonly leases: readonly LeaseView[]
  readonly waiting: readonly TicketView[]
  readonly cycles: readonly WaitingCycle[]
  readonly past: PastOf
}

/** A lane or lease explained, for people. */
export function knownLines({ name, leases, waiting, cycles, past }: Known, nowMs: number): readonly string[] {
  const lines = leases.map(lease => `held by  ${leaseText(lease, nowMs)}`)
  if (leases.length === 0) lines.push(`Nobody holds ${plain(name)} now.`)
  for (const { holder, lane, place, untilMs } of waiting) {
    lines.push(`waiting  ${plain(holder)} for ${plain(lane)} since r${place}, until ${instant(untilMs, nowMs)}`)
  }
  for (const cycle of cycles) {
    lines.push(tone.bad('a cycle: each waits for the next, and the last for the first'))
    for (const { holder, lane, blocker } of cycle) {
      lines.push(`  ${plain(holder)} wants ${plain(lane)}, held up by ${blockerText(blockerAnswer(blocker), nowMs)}`)
    }
  }
  for (const lineage of past.lineages) lines.push(...lineageLines(lineageJson(lineage), nowMs))
  for (const entry of past.events) lines.push(eventLine(entry))
  return lines
}

function leaseText(lease: LeaseView, nowMs: number): string {
  const { leaseId, holder, process, expiresAtMs, region } = lease
  const covers = region.length === 0 ? '' : `, covers ${region.map(plain).join(' ')}`
  const tree = linkedTree(lease.workTree)
  const where = tree === null ? '' : `, in ${treeText(tree)}`
  return `${leaseId} of ${plain(holder)}${where}, ${processText(process)}, expires ${instant(expiresAtMs, nowMs)}${covers}`
}
