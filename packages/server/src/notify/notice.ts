import { Instant, instantOf } from '@holdfast/projections'
import { spanText } from '@holdfast/core/internal'
import * as z from 'zod'
import { causeId, digest, type Cause } from './cause.ts'
import { plain } from '../text/plain.ts'
import { matchesName } from '../tokens/name-pattern.ts'
import { askedBy, type NoticeKind, type NotifyRule } from './rules.ts'

/** What a rule tells: what a command reads and what a webhook is sent. Fields may be added. */
export const Notice = z.object({
  /** Equal for one notice however often it arrives: a receiver that has seen it does nothing. */
  id: z.string(),
  /** Equal for all rules that tell of one cause. */
  cause: z.string(),
  rule: z.string(),
  /** What happened, as a rule asks for it. */
  on: z.string(),
  /** The same as a sentence, in one line: no control characters, whatever names and reasons hold. */
  text: z.string(),
  /** A sample: nothing has happened. */
  sample: z.boolean(),
  store: z.string(),
  ledger: z.string(),
  ledgerId: z.string(),
  /** When it was found, and since when it is so, on the log clock. */
  at: Instant,
  since: Instant,
  lane: z.string().nullable(),
  holder: z.string().nullable(),
  leaseId: z.string().nullable(),
  token: z.int().nullable(),
  runId: z.string().nullable(),
  /** The event that shows it; `holdfast why rN` explains it. */
  revision: z.int().nullable(),
  /** Notices of this rule that were dropped before this one, since the last that was told. */
  dropped: z.int().nonnegative(),
})
export type Notice = Readonly<z.infer<typeof Notice>>

/** Longest sentence of a notice: what waits is written down, and whoever is told reads a line. The log has all of it. */
export const NOTICE_TEXT_MAX = 1_000

/** Where a cause was found. */
export interface Found {
  readonly store: string
  readonly ledger: string
  readonly ledgerId: string
  readonly nowMs: number
}

const MATTERS: Readonly<Record<NoticeKind, string>> = {
  spinning: 'beats without progress',
  stalled: 'has stalled',
  orphan: 'has left work behind that still runs',
  'refused-for': 'cannot get a lease',
  'halt-overdue': 'does not obey a HALT',
  'lease-lost': 'has lost its lease',
  expired: 'has let its lease expire',
}

/** By which trigger a rule wants to hear of it; `null`: by none. `ledgers` are decided where the ledger is opened. */
export function triggerFor(rule: NotifyRule, { kind, spanMs, lanes, holder }: Cause): string | null {
  if (!fits(rule.lanes, lanes) || !fits(rule.holders, holder === null ? [] : [holder])) return null
  const trigger = rule.on.find(text => {
    const asked = askedBy(text)
    return asked.kind === kind && asked.spanMs === spanMs
  })
  return trigger ?? null
}

interface Telling {
  readonly rule: string
  readonly trigger: string
}

export function noticeOf({ rule, trigger }: Telling, cause: Cause, { store, ledger, ledgerId, nowMs }: Found): Notice {
  const { kind, spanMs, sinceMs, lanes, holder, leaseId, token, runId, revision, reason } = cause
  const id = causeId(ledgerId, cause)
  const [lane = null] = lanes
  const matter = spanMs === null ? MATTERS[kind] : `${MATTERS[kind]} for ${spanText(spanMs)}`
  return {
    id: digest(JSON.stringify([id, rule])),
    cause: id,
    rule,
    on: trigger,
    text: sentence(`${holder ?? 'somebody'} ${matter} on lane ${lane ?? '-'}: ${reason}`),
    sample: false,
    store,
    ledger,
    ledgerId,
    at: instantOf(nowMs),
    since: instantOf(sinceMs),
    lane,
    holder,
    leaseId,
    token,
    runId,
    revision,
    dropped: 0,
  }
}

/** One line of bounded length, without control characters and without half of a surrogate pair. */
function sentence(text: string): string {
  const line = plain(text)
  return line.length <= NOTICE_TEXT_MAX ? line : `${line.slice(0, NOTICE_TEXT_MAX - 1).toWellFormed()}…`
}

/** A notice of nothing, so that a person can try a rule. */
export function sampleNotice(
  rule: string,
  { on }: NotifyRule,
  { nowMs, id }: { readonly nowMs: number; readonly id: string },
): Notice {
  const [trigger = 'stalled'] = on
  const { kind, spanMs } = askedBy(trigger)
  const subject = `sample ${id}`
  const lease = {
    lanes: ['sample-lane'],
    holder: 'sample-holder',
    leaseId: null,
    token: 1,
    runId: null,
    revision: null,
  }
  const cause = {
    kind,
    spanMs,
    subject,
    sinceMs: nowMs,
    spell: 0,
    ...lease,
    reason: 'this is a sample, nothing has happened',
  }
  return { ...noticeOf({ rule, trigger }, cause, { store: '', ledger: 'default', ledgerId: '', nowMs }), sample: true }
}

/** Whether one of the names is meant; what has no name is everybody's. */
function fits(patterns: readonly string[] | undefined, names: readonly string[]): boolean {
  if (patterns === undefined || names.length === 0) return true
  return names.some(name => patterns.some(pattern => matchesName(pattern, name)))
}
