import type { Blocker, Refused as RefusedOutcome } from '@holdfast/core'
import { instantOf } from '@holdfast/projections'
import type { BlockerJson, Refused } from './schemas/refused.ts'
import { nextSteps, type RefusedRequest } from './next-steps.ts'

/** A refusal in the form of the answers, with what can be done about it. */
export function refusedAnswer(refused: RefusedOutcome, request: RefusedRequest): Refused {
  const { outcome, code, blockers, moreBlockers, refusalId, coalesced, reason, earliestRetryAt, ticket, expiresAt } =
    refused
  return {
    outcome,
    code,
    blockers: blockers.map(blockerAnswer),
    moreBlockers,
    refusalId,
    coalesced,
    ...optional('earliestRetryAt', earliestRetryAt),
    ...(ticket === undefined
      ? {}
      : { ticket: { requestId: ticket.requestId, place: ticket.place, until: instantOf(ticket.untilMs) } }),
    ...optional('expiresAt', expiresAt),
    reason,
    next: nextSteps(refused, request),
  }
}

/** One thing in the way, in the form of the answers. */
export function blockerAnswer({ until, ...blocker }: Blocker): BlockerJson {
  return { ...blocker, ...optional('until', until) }
}

function optional<N extends string>(name: N, atMs: number | undefined): Partial<Record<N, string>> {
  const written: Partial<Record<N, string>> = {}
  if (atMs !== undefined) written[name] = instantOf(atMs)
  return written
}
