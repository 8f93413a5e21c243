import { nameBlockers, type Obstacle } from '../admission/obstacle.ts'
import type { ProposedEvent } from '../events.ts'
import type { RecordedRequest, RefusalCode } from '../refuse-event.ts'
import { nextRevision, type EpochMs, type RequestId, type Revision } from '../ids.ts'
import type { LedgerState } from '../state/ledger-state.ts'
import { ticketRefreshAtMs, type Ticket } from '../state/entries.ts'
import { blockersKey, refusalKey } from '../state/refusal-keys.ts'
import { final, type Decision } from './decision.ts'
import type { Refused, WaitingPlace } from './outcome.ts'

/** What a refusal says, before it is known whether it is appended. */
export interface RefusalReason {
  readonly request: RecordedRequest
  readonly code: RefusalCode
  readonly obstacles: readonly Obstacle[]
  readonly freeAtMs: number | null
  readonly reason: string
  readonly expiresAt?: EpochMs
  /** Name of the local predicate that refused. */
  readonly predicate?: string
}

/** How the refused request waits: it takes or refreshes a place in the line. */
export interface TicketRequest {
  readonly requestId: RequestId
  readonly ttlMs: number
  /** The place that it has already. */
  readonly ticket: Ticket | undefined
}

/** Refuses: appends a REFUSE, or coalesces with the newest recorded one that says the same. */
export function refuse(state: LedgerState, why: RefusalReason, nowMs: EpochMs): Decision<Refused> {
  const refused = refusedOutcome(why)
  const known = state.refusals.get(refusalKey(why.request), nowMs)
  if (known?.code === why.code && known.blockers === blockersKey({ ...refused, predicate: why.predicate })) {
    return final({ ...refused, refusalId: `r${known.revision}`, coalesced: true })
  }
  return final({ ...refused, refusalId: `r${nextRevision(state.head)}`, coalesced: false }, [refuseEvent(why)])
}

/**
 * Refuses with a place in the line. A place that was refreshed less than half its TTL ago is left as it is and nothing
 * is appended, so that many waiters on one lane do not answer one event with many.
 */
export function refuseWaiting(
  state: LedgerState,
  why: RefusalReason,
  ticketRequest: TicketRequest,
  nowMs: EpochMs,
): Decision<Refused> {
  const refused = refusedOutcome(why)
  const { ticket, requestId, ttlMs } = ticketRequest
  if (ticket !== undefined && !isRefreshDue(ticket, nowMs)) {
    const place = placeAfter(ticket, ticketRequest, nowMs)
    return final({ ...refused, refusalId: `r${ticket.refreshedBy}`, coalesced: true, ticket: place })
  }
  const revision = nextRevision(state.head)
  const place =
    ticket === undefined ? placeFrom(revision, ticketRequest, nowMs) : placeAfter(ticket, ticketRequest, nowMs)
  return final({ ...refused, refusalId: `r${revision}`, coalesced: false, ticket: place }, [
    refuseEvent(why, { requestId, ttlMs }),
  ])
}

/** The place that a refused waiter has after this decision: refreshed where that is due, else as it was. */
export function placeAfter(ticket: Ticket, ticketRequest: TicketRequest, nowMs: EpochMs): WaitingPlace {
  const { requestId, place } = ticket
  if (isRefreshDue(ticket, nowMs)) return placeFrom(place, ticketRequest, nowMs)
  return { requestId, place, untilMs: ticket.untilMs as EpochMs, refreshAtMs: ticketRefreshAtMs(ticket) as EpochMs }
}

function placeFrom(place: Revision, { requestId, ttlMs }: TicketRequest, nowMs: EpochMs): WaitingPlace {
  const refreshAtMs = (nowMs + Math.floor(ttlMs / 2)) as EpochMs
  return { requestId, place, untilMs: (nowMs + ttlMs) as EpochMs, refreshAtMs }
}

function isRefreshDue(ticket: Ticket, nowMs: EpochMs): boolean {
  return nowMs >= ticketRefreshAtMs(ticket)
}

function refusedOutcome(why: RefusalReason) {
  const { blockers, moreBlockers } = nameBlockers(why.obstacles, why.request.workTree)
  return {
    outcome: 'refused' as const,
    code: why.code,
    blockers,
    moreBlockers,
    reason: why.reason,
    ...(why.freeAtMs === null || !Number.isSafeInteger(why.freeAtMs)
      ? {}
      : { earliestRetryAt: why.freeAtMs as EpochMs }),
    ...(why.expiresAt === undefined ? {} : { expiresAt: why.expiresAt }),
  }
}

function refuseEvent(why: RefusalReason, ticket?: { requestId: RequestId; ttlMs: number }): ProposedEvent {
  const { outcome: _, expiresAt: __, blockers: named, ...refused } = refusedOutcome(why)
  const blockers = named.map(({ workTree: ___, ...blocker }) => blocker)
  const { runId } = why.request
  return {
    type: 'REFUSE',
    data: {
      request: why.request,
      ...refused,
      blockers,
      ...(ticket === undefined ? {} : { ticket }),
      ...(why.predicate === undefined ? {} : { evidence: { predicate: why.predicate } }),
    },
    ...(runId === undefined ? {} : { runId }),
  }
}
