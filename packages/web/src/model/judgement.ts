import type { Lease, Verdict } from './live-set.ts'
import { spanText, whenText } from './spans.ts'

/**
 * How a lease is coloured. Only a verdict of core that is fresh shows life:
 * - `waiting` (for a human), `advancing`, `spinning`, `stalled`, `unknown`: the verdict;
 * - `expired`: nobody holds it any more, whatever moves;
 * - `unjudged`: there is no verdict (yet), or none that counts now: the connection is broken, or it is the past.
 */
export const TONES = ['waiting', 'advancing', 'spinning', 'stalled', 'unknown', 'expired', 'unjudged'] as const
export type Tone = (typeof TONES)[number]

export interface Judgement {
  readonly tone: Tone
  readonly label: string
  /** Why it has this colour, a sentence each. */
  readonly evidence: readonly string[]
}

export interface Sight {
  readonly nowMs: number
  /** `stale`: nothing is heard from the server; `past`: the page shows an earlier revision. */
  readonly sight: 'live' | 'stale' | 'past'
}

export function judgementOf(lease: Lease, verdict: Verdict | null, { nowMs, sight }: Sight): Judgement {
  const expiresMs = Date.parse(lease.expiresAt)
  const lastBeatMs = Date.parse(lease.lastBeatAt)
  const beat = `last beat ${whenText(lastBeatMs, nowMs)}`
  if (sight === 'past') {
    if (lease.expired) return { tone: 'expired', label: 'expired', evidence: [`It had expired by then; ${beat}.`] }
    const evidence = [
      `It was held then; ${beat}.`,
      'Whether its process ran then was not recorded: there is no verdict.',
    ]
    return { tone: 'unjudged', label: 'held then', evidence }
  }
  if (lease.expired || expiresMs <= nowMs) {
    const evidence = [
      `It expired ${whenText(expiresMs, nowMs)}: it is not held, and the next request may take it.`,
      `${capital(beat)}.`,
    ]
    return { tone: 'expired', label: 'expired', evidence }
  }
  if (sight === 'stale') {
    const was =
      verdict === null ? 'There was no verdict.' : `The last verdict was ${verdict.verdict}; it says nothing about now.`
    return { tone: 'unjudged', label: 'not known now', evidence: ['The connection is broken.', was] }
  }
  if (verdict === null) {
    return { tone: 'unjudged', label: 'no verdict yet', evidence: [`The server has not judged it yet; ${beat}.`] }
  }
  const { tone, label } = LOOKS[verdict.verdict]
  return { tone, label, evidence: evidenceOf(verdict, nowMs) }
}

const LOOKS: Record<Verdict['verdict'], Pick<Judgement, 'tone' | 'label'>> = {
  WAITING: { tone: 'waiting', label: 'waiting' },
  ADVANCING: { tone: 'advancing', label: 'advancing' },
  SPINNING: { tone: 'spinning', label: 'spinning' },
  STALLED: { tone: 'stalled', label: 'stalled' },
  UNKNOWN: { tone: 'unknown', label: 'unknown' },
}

function evidenceOf(
  { reason, evidence, process, children, activity, exit, expiresAt }: Verdict,
  nowMs: number,
): readonly string[] {
  const { commitsSinceStart, workEventsSinceStart, heartbeatAgeMs } = evidence
  const lines = [`When it was judged: ${reason}.`]
  lines.push(heartbeatAgeMs === null ? 'No beat was seen.' : `Beat ${spanText(heartbeatAgeMs)} old when it was judged.`)
  lines.push(`${commitsSinceStart} commits and ${workEventsSinceStart} work events since it started.`)
  lines.push(PROCESS_TEXT[process])
  if (children.length > 0) lines.push(`Children: ${children.join(', ')}.`)
  if (activity !== null) lines.push(`Announced: ${activity.label}, ${spanText(activity.grantedMs)}.`)
  if (exit !== null) lines.push(`Its program ended with ${exit.code ?? exit.signal ?? 'an unknown status'}.`)
  lines.push(`Expires ${whenText(Date.parse(expiresAt), nowMs)} without another beat.`)
  return lines
}

const PROCESS_TEXT: Record<Verdict['process'], string> = {
  alive: 'Its process runs.',
  dead: 'Its process is gone.',
  unknown: 'Whether its process runs is not known: it runs elsewhere, or the lease names none.',
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
