import { processText } from '@holdfast/server/text'
import { plain } from '../print/plain.ts'
import { endAt, span } from '../print/times.ts'
import { tone } from '../print/tone.ts'
import type { WatchedLease } from './snapshot.ts'

const TONES = {
  WAITING: tone.warn,
  ADVANCING: tone.good,
  SPINNING: tone.warn,
  STALLED: tone.bad,
  UNKNOWN: tone.warn,
} as const

/** The verdict of core in its word and colour. One that may be out of date has neither the colour nor the present tense. */
export function verdictText({ liveness }: WatchedLease, isStale: boolean): string {
  if (liveness === null) return tone.faint('not judged')
  return isStale ? tone.faint(`was ${liveness.verdict}`) : TONES[liveness.verdict](liveness.verdict)
}

/** Where there is no room for a sentence. */
export function basisText({ liveness }: WatchedLease): string {
  return liveness?.basis ?? ''
}

/** What the verdict rests on, and what else is to be known of the lease, the gravest first. */
export function evidenceText({ lease, liveness }: WatchedLease, nowMs: number): string {
  const said: string[] = []
  if (lease.expiresAtMs <= nowMs) said.push(`expired ${span(nowMs - lease.expiresAtMs)} ago`)
  else if (lease.safeUntilMs <= nowMs) said.push('in grace')
  if (lease.exit !== null) said.push(`exited ${lease.exit.status.code ?? lease.exit.status.signal ?? ''}`)
  if (liveness !== null && liveness.halt !== null) said.push(`halt ${liveness.halt}`)
  if (lease.draining.length > 0) said.push('guard closed: an earlier holder drains')
  if (liveness !== null) said.push(liveness.reason)
  return said.join('; ')
}

/** One lease in full, as a sentence. */
export function leaseSentence(watched: WatchedLease, { nowMs, isStale }: { nowMs: number; isStale: boolean }): string {
  const { lease, liveness } = watched
  const { leaseId, holder, token, mode, region, process, runId, activity, expiresAtMs } = lease
  const parts = [`${plain(leaseId)} of ${plain(holder)}`, `token ${token}`, `until ${endAt(expiresAtMs, nowMs)}`]
  if (process !== null) parts.push(`${plain(processText(process))} (${liveness?.process ?? 'not looked at'})`)
  if (runId !== null) parts.push(`run ${plain(runId)}`)
  if (mode === 'shared') parts.push('shared')
  parts.push(region.length === 0 ? 'the lane alone' : `covers ${region.map(plain).join(' ')}`)
  if (activity !== null) parts.push(`says it does ${plain(activity.label)}`)
  return `${verdictText(watched, isStale)}: ${plain(evidenceText(watched, nowMs))}. ${parts.join(', ')}`
}
