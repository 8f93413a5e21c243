import { LEDGER_DRAIN } from '@holdfast/core/internal'
import type { NextStep } from '../answers/schemas/next-step.ts'
import type { BlockerJson, Refused } from '../answers/schemas/refused.ts'
import { processText, treeText } from './location-text.ts'
import { plain } from './plain.ts'
import { endAt, instant } from './times.ts'
import { tone } from './tone.ts'

/** A refusal: what was refused and why, each thing in the way, and when to try again. */
export function refusalLines(what: string, refused: Refused, nowMs: number): readonly string[] {
  const lines = [`${tone.bad('refused')}  ${what}  ${refused.code}  ${tone.faint(refused.refusalId)}`]
  for (const blocker of refused.blockers) lines.push(`  blocked by  ${blockerText(blocker, nowMs)}`)
  if (refused.moreBlockers > 0) lines.push(`  blocked by  ${refused.moreBlockers} more`)
  if (refused.reason !== '') lines.push(`  because     ${plain(refused.reason)}`)
  if (refused.earliestRetryAt !== undefined) {
    lines.push(`  retry       ${instant(Date.parse(refused.earliestRetryAt), nowMs)} at the earliest`)
  } else if (refused.expiresAt !== undefined) {
    const atMs = Date.parse(refused.expiresAt)
    lines.push(`  ${atMs > nowMs ? 'expires' : 'expired'}     ${instant(atMs, nowMs)}`)
  }
  return [...lines, ...nextLines(refused.next)]
}

/** What can be done: a sentence each, and what to type. */
export function nextLines(steps: readonly NextStep[]): readonly string[] {
  return steps.map(
    ({ text, command }) => `  next        ${text}${command === undefined ? '' : `: ${tone.strong(command)}`}`,
  )
}

/** One thing in the way, on one line. */
export function blockerText(blocker: BlockerJson, nowMs: number): string {
  const { leaseId, lane, holder, code, token, witness, until, ticket, child, workTree } = blocker
  if (lane === LEDGER_DRAIN.lane && holder === LEDGER_DRAIN.holder) {
    const end = until === undefined ? '' : `, until ${endAt(Date.parse(until), nowMs)}`
    return `the whole ledger, which was restored from a backup and drains${end}`
  }
  const parts = [leaseId ?? lane ?? 'another request']
  if (holder !== undefined) parts.push(`of ${holder}`)
  if (workTree !== undefined) parts.push(`in ${treeText(workTree)}`)
  if (ticket !== undefined) parts.push(`waiting since r${ticket}`)
  else if (token !== null) parts.push(`token ${token}`)
  if (code !== undefined) parts.push(code)
  if (child !== undefined) parts.push(`its child ${processText(child)} runs`)
  if (witness !== undefined) parts.push(`both cover ${tone.strong(plain(witness))}`)
  if (until !== undefined) parts.push(`until ${endAt(Date.parse(until), nowMs)}`)
  return parts.join(', ')
}

type NotHeldTold = { readonly next: readonly NextStep[] } & (
  | { readonly outcome: 'not-held' }
  | { readonly outcome: 'stale-token'; readonly tokens: readonly number[] }
)

/** Says that a lease is not held at a token, and what is there instead. */
export function notHeldLines(lane: string, told: NotHeldTold): readonly string[] {
  const found =
    told.outcome === 'not-held'
      ? `${tone.bad('not held')}  ${lane}  no such lease is live`
      : `${tone.bad('stale token')}  ${lane}  the lane is held under ${told.tokens.join(', ')}`
  return [found, ...nextLines(told.next)]
}

export const QUEUE_FULL_LINES: readonly string[] = ['The ledger is busy: too many commands wait. Try again.']
