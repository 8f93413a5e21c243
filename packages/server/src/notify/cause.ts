import { createHash } from 'node:crypto'
import type { NoticeKind } from './rules.ts'

/** Why somebody may want to know: one thing that has begun, or has happened, in one ledger. */
export interface Cause {
  readonly kind: NoticeKind
  /** Of `refused-for` alone: which of the spans that rules ask for was reached. */
  readonly spanMs: number | null
  /** Whom or what it is about, so that one thing is one cause: a lease at its token, a HALT, a chain of refusals, an event. */
  readonly subject: string
  /** On the log clock. */
  readonly sinceMs: number
  /**
   * Of what looks have seen: the how manieth that began, since the log clock may stand still between two of one subject. 0
   * for the rest: there `sinceMs` tells one from the next, for whoever reads the log again.
   */
  readonly spell: number
  /** The lane; of a refused request all that it named. */
  readonly lanes: readonly string[]
  readonly holder: string | null
  readonly leaseId: string | null
  readonly token: number | null
  readonly runId: string | null
  /** The event that shows it; `null`: time or a probe does. */
  readonly revision: number | null
  /** One sentence without a subject: what is the matter. */
  readonly reason: string
}

/** Equal for one cause, whichever server tells it and how often. */
export function causeId(ledgerId: string, { kind, spanMs, subject, sinceMs, spell }: Cause): string {
  return digest(JSON.stringify([ledgerId, kind, spanMs, subject, sinceMs, spell]))
}

/** A short name for a long text. */
export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}
