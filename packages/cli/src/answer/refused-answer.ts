import type { Blocker, Refused as RefusedOutcome } from '@holdfast/core'
import { instantOf } from '@holdfast/projections'
import type { BlockerJson, Refused } from '../schemas/refused.ts'

/** A refusal in the form of the answers. */
export function refusedAnswer(refused: RefusedOutcome): Refused {
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
