import type { Blocker, EpochMs, LedgerState, Moment, Ticket } from '@holdfast/core'
import { admission } from '@holdfast/core/internal'

/** Waiters for whom it is worked out what is in their way; the others are listed without. */
const WAITERS_EXPLAINED_MAX = 50

/** A place in the line, and the first thing in its way. */
export interface Waiter {
  readonly lane: string
  readonly holder: string
  /** Revision of the refusal that opened it: the order of the line. */
  readonly place: number
  /** When the place is lost without a refresh. */
  readonly untilMs: number
  /** `null`: nothing that has a name, or not worked out. */
  readonly behind: Blocker | null
  /** Further things in its way. */
  readonly more: number
}

/** Who waits, first in line first, and what is in the way. */
export function waiters(state: LedgerState, moment: Moment & { readonly nowMs: EpochMs }): Waiter[] {
  return [...state.tickets.live(moment.nowMs)]
    .map(([, ticket]) => ticket)
    .sort((a, b) => a.place - b.place)
    .map((ticket, index) => {
      const { lane, holder, place, untilMs } = ticket
      const [first, ...others] = index < WAITERS_EXPLAINED_MAX ? inTheWay(state, ticket, moment) : []
      return { lane, holder, place, untilMs, behind: first ?? null, more: others.length }
    })
}

/** By the rules of admission themselves. */
function inTheWay(state: LedgerState, ticket: Ticket, moment: Moment): readonly Blocker[] {
  const { lane, mode, region, kind, workTree, holder, place, key } = ticket
  const claim = { lane, mode, region, kind, workTree }
  const answer = admission(state, { claim, holder, place, ticketKey: key, ...moment, evidence: undefined })
  return answer.admitted ? [] : answer.obstacles.map(({ blocker }) => blocker)
}
