import type { LogEntry, WaitingCycle, WorkTree } from '@holdfast/core'
import { traceparentOf } from '@holdfast/core/internal'
import {
  drainingJson,
  haltJson,
  lineageJson,
  type DrainingView,
  type ExplainedEvent,
  type HaltView,
  type LaneBlockers,
  type LeaseView,
  type TicketView,
} from '@holdfast/projections'
import type { OrphanedLease, PastOf, UnreapedLease } from '@holdfast/projections/internal'
import { blockerAnswer } from '../answers/refused-answer.ts'
import type { NextStep } from '../answers/schemas/next-step.ts'
import { eventLine } from './event-line.ts'
import { haltLine, restoredLine } from './state-lines.ts'
import { lineageLines } from './lineage-lines.ts'
import { notableTree, processText, treeText } from './location-text.ts'
import { plain } from './plain.ts'
import { blockerText, nextLines } from './refusal-lines.ts'
import { endAt, expiry, instant } from './times.ts'
import { tone } from './tone.ts'

/** An event explained, for people. */
export function explainedLines(explained: ExplainedEvent, nowMs: number): readonly string[] {
  const { entry, causedBy, blockers, grantedLater } = explained
  const lines = [eventLine(entry)]
  if (causedBy !== null) lines.push(`because of   ${eventLine(causedBy)}`)
  const trace = entry.type === 'UNRECOGNISED' ? null : traceparentOf(entry.actor)
  if (trace !== null) lines.push(`trace        ${traceText(trace)}`)
  if (entry.type !== 'REFUSE') return lines
  for (const blocker of entry.data.blockers) {
    lines.push(`blocked by   ${blockerText(blockerAnswer(blocker), entry.recordedAt)}`)
  }
  if (entry.data.moreBlockers > 0) lines.push(`blocked by   ${entry.data.moreBlockers} more`)
  for (const lease of blockers)
    lines.push(
      `held then    ${leaseText(lease, { nowMs: entry.recordedAt, asker: entry.data.request.workTree ?? null })}`,
    )
  lines.push(`granted      ${grantedLater === null ? 'not so far' : eventLine(grantedLater)}`)
  const { earliestRetryAt } = entry.data
  if (grantedLater === null && earliestRetryAt !== undefined) {
    lines.push(`retry        ${instant(earliestRetryAt, nowMs)} at the earliest`)
  }
  return lines
}

/** The two ids that a trace is found by. */
function traceText(traceparent: string): string {
  const [, trace = '', span = ''] = traceparent.split('-')
  return `${trace}, asked for in span ${span}`
}

/** What is known of a lane or lease. */
export interface Known {
  readonly name: string
  readonly leases: readonly LeaseView[]
  readonly waiting: readonly TicketView[]
  readonly cycles: readonly WaitingCycle[]
  readonly past: PastOf
  /** What drains, each with the event that took it by force. */
  readonly draining: readonly { readonly drain: DrainingView; readonly ending: LogEntry | null }[]
  readonly halts: readonly HaltView[]
  readonly orphans: readonly OrphanedLease[]
  readonly unreaped: readonly UnreapedLease[]
  readonly blocked: LaneBlockers | null
  /** Nothing was ever recorded about it. */
  readonly isNew: boolean
  readonly next: readonly NextStep[]
  /** The work tree that is asked from; `null`: unknown. */
  readonly asker: WorkTree | null
}

/** A lane or lease explained, for people. */
export function knownLines(known: Known, nowMs: number): readonly string[] {
  const { name, leases, waiting, cycles, past, isNew } = known
  const lines = leases.map(lease => `held by  ${leaseText(lease, { nowMs, asker: known.asker })}`)
  if (leases.length === 0)
    lines.push(
      `Nobody holds ${plain(name)} now${known.blocked === null ? '' : ', but it is not free'}.${isNew ? ' Nothing is recorded about it.' : ''}`,
    )
  lines.push(...wedgeLines(known, nowMs))
  for (const { holder, lane, place, untilMs } of waiting) {
    lines.push(`waiting  ${plain(holder)} for ${plain(lane)} since r${place}, until ${endAt(untilMs, nowMs)}`)
  }
  for (const cycle of cycles) {
    lines.push(tone.bad('a cycle: each waits for the next, and the last for the first'))
    for (const { holder, lane, blocker } of cycle) {
      lines.push(`  ${plain(holder)} wants ${plain(lane)}, held up by ${blockerText(blockerAnswer(blocker), nowMs)}`)
    }
  }
  lines.push(...blockedLines(known, nowMs))
  for (const lineage of past.lineages) lines.push(...lineageLines(lineageJson(lineage), nowMs))
  for (const entry of past.events) lines.push(eventLine(entry))
  return lines
}

/** What keeps it closed besides a holder who is well. */
function wedgeLines({ draining, halts, orphans, unreaped }: Known, nowMs: number): readonly string[] {
  return [
    ...draining.flatMap(({ drain, ending }) => [
      drain.ledgerWide === true
        ? restoredLine(drainingJson(drain), nowMs)
        : `${tone.warn('draining')}  ${plain(drain.leaseId)} of ${plain(drain.holder)}, token ${drain.token}, until ${endAt(drain.untilMs, nowMs)}: it was taken by force, and ${plain(drain.holder)} may still believe in it`,
      ...(ending === null ? [] : [`  since  ${eventLine(ending)}${actorText(ending)}`]),
    ]),
    ...halts.map(halt => haltLine(haltJson(halt), nowMs)),
    ...orphans.map(({ lease, child, sinceMs }) => {
      const who = child === null ? 'its children may still run' : `its child ${processText(child)} still runs`
      return `${tone.warn('orphan')}  ${plain(lease.leaseId)} of ${plain(lease.holder)} expired ${instant(sinceMs, nowMs)}, and ${who}`
    }),
    ...unreaped.map(({ lease, sinceMs, claimedBy }) => {
      const by = claimedBy === null ? 'a reaper' : `the reaper ${plain(claimedBy)}, which has claimed it`
      return `${tone.warn('unreaped')}  ${plain(lease.leaseId)} waits for ${by}; its work was over ${instant(sinceMs, nowMs)}`
    }),
  ]
}

/** Who took it: an ADOPT names its new holder, a SCAVENGE the process that wrote it. */
function actorText(entry: LogEntry): string {
  return entry.type === 'SCAVENGE' && entry.actor !== null ? `, by ${processText(entry.actor)}` : ''
}

function blockedLines({ blocked, next }: Known, nowMs: number): readonly string[] {
  if (blocked === null) return []
  const { code, closed, freeAtMs } = blocked
  const when = freeAtMs === null ? 'no time frees it' : `free ${instant(freeAtMs, nowMs)} if nothing else happens`
  const why = closed === null ? `${code ?? ''}, ${when}` : closed.message
  return [`${tone.bad('closed')}  an acquire would be refused: ${why}`, ...nextLines(next)]
}

function leaseText(lease: LeaseView, { nowMs, asker }: { nowMs: number; asker: WorkTree | null }): string {
  const { leaseId, holder, process, expiresAtMs, region } = lease
  const covers = region.length === 0 ? '' : `, covers ${region.map(plain).join(' ')}`
  const tree = notableTree(lease.workTree, asker)
  const where = tree === null ? '' : `, in ${treeText(tree)}`
  return `${leaseId} of ${plain(holder)}${where}, ${processText(process)}, ${expiry(expiresAtMs, nowMs)}${covers}`
}
