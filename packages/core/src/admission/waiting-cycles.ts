import type { Blocker } from '../refuse-event.ts'
import type { Claim } from '../lease-events.ts'
import type { Holder, Lane, Revision } from '../ids.ts'
import type { LedgerState } from '../state/ledger-state.ts'
import type { Ticket } from '../state/entries.ts'
import type { Moment, OwnClock } from '../time/own-clock.ts'
import { admission } from './admission.ts'

/** Somebody waits, and who holds or stands before it waits too: one step of a cycle. */
export interface WaitingLink {
  readonly holder: Holder
  /** What it asks for, and its place in the line. */
  readonly lane: Lane
  readonly place: Revision
  readonly waitsFor: Holder
  /** The lease or earlier ticket that is in its way. */
  readonly blocker: Blocker
}

/** Each link waits for the holder of the next, the last for that of the first. */
export type WaitingCycle = readonly WaitingLink[]

/**
 * The cycles of holders that wait for each other, the shortest first; a longer one that only adds others to a shorter one
 * is left out. The ledger breaks none: every lease in one still ends by its time, and every wait by its own bound.
 * Draining entries wait for nobody and are left out. One through a full budget may come apart by somebody outside of it.
 * Where the log clock can step, whoever asks says what he has watched (`ownClock`).
 */
export function waitingCycles(state: LedgerState, nowMs: number, ownClock?: OwnClock): WaitingCycle[] {
  const links = linksByHolder(state, { nowMs, ownClock })
  const found = [...links.keys()].flatMap(holder => shortestCycle(links, holder) ?? [])
  const cycles: WaitingCycle[] = []
  for (const cycle of found.sort((a, b) => a.length - b.length)) {
    const members = new Set(cycle.map(({ holder }) => holder))
    if (!cycles.some(known => known.every(({ holder }) => members.has(holder)))) cycles.push(cycle)
  }
  return cycles
}

type Links = ReadonlyMap<Holder, readonly WaitingLink[]>

function linksByHolder(state: LedgerState, moment: Moment): Links {
  const tickets = [...state.tickets.live(moment.nowMs)].map(([, ticket]) => ticket).sort((a, b) => a.place - b.place)
  const links = new Map<Holder, WaitingLink[]>()
  for (const ticket of tickets) {
    links.set(ticket.holder, [...(links.get(ticket.holder) ?? []), ...linksOf(state, ticket, moment)])
  }
  return links
}

function linksOf(state: LedgerState, ticket: Ticket, moment: Moment): WaitingLink[] {
  const { holder, lane, mode, region, kind, workTree, place, key } = ticket
  const claim: Claim = { lane, mode, region, kind, workTree }
  const answer = admission(state, { claim, holder, place, ticketKey: key, ...moment, evidence: undefined })
  if (answer.admitted) return []
  return answer.obstacles.flatMap(({ code, blocker }) =>
    code === 'draining' || blocker.holder === undefined
      ? []
      : [{ holder, lane, place, waitsFor: blocker.holder, blocker }],
  )
}

/** Breadth first from a holder back to itself. One cycle at most, as a list so that it can be none. */
function shortestCycle(links: Links, start: Holder): [WaitingCycle] | null {
  /** The link by which each holder was reached first. */
  const reachedBy = new Map<Holder, WaitingLink>()
  const reached: Holder[] = [start]
  for (const holder of reached) {
    for (const link of links.get(holder) ?? []) {
      if (reachedBy.has(link.waitsFor)) continue
      reachedBy.set(link.waitsFor, link)
      if (link.waitsFor === start) return [pathTo(start, reachedBy)]
      reached.push(link.waitsFor)
    }
  }
  return null
}

function pathTo(start: Holder, reachedBy: ReadonlyMap<Holder, WaitingLink>): WaitingCycle {
  const path: WaitingLink[] = []
  let link = reachedBy.get(start)
  while (link !== undefined) {
    path.unshift(link)
    link = link.holder === start ? undefined : reachedBy.get(link.holder)
  }
  return path
}
