import type { Evidence } from '../evidence.ts'
import type { Claim } from '../lease-events.ts'
import type { RefusalCode } from '../refuse-event.ts'
import type { Holder, LeaseId, Revision } from '../ids.ts'
import type { Lease } from '../state/lease.ts'
import type { LedgerState } from '../state/ledger-state.ts'
import { leasesNamed } from '../state/live-set.ts'
import { drainingAt } from '../time/draining-at.ts'
import type { Moment } from '../time/own-clock.ts'
import { askBudget, budgetOf, type BudgetAnswer } from './budget.ts'
import { candidates } from './candidates.ts'
import { conflictBetween } from './conflict.ts'
import { evictionOf } from './eviction.ts'
import {
  allFreeAtMs,
  drainingObstacle,
  heaviestCode,
  leaseObstacle,
  ticketObstacle,
  withoutRepeats,
  type Obstacle,
} from './obstacle.ts'

/** Who asks for one claim, and under which circumstances. */
export interface Asking extends Moment {
  readonly claim: Claim
  readonly holder: Holder
  /** Place of the asker's own ticket: only earlier tickets are in its way. */
  readonly place: Revision | null
  /** Key of the asker's own ticket, which is never in its way. */
  readonly ticketKey: string | null
  readonly evidence: Evidence | undefined
}

export type Admission =
  /** Nothing is in the way but expired leases, which make way. */
  | { readonly admitted: true; readonly evict: readonly Lease[] }
  | {
      readonly admitted: false
      readonly code: RefusalCode
      readonly obstacles: readonly Obstacle[]
      /** When a retry is granted if nothing else happens; `null` where that is not known. */
      readonly freeAtMs: number | null
      /** Only others are in the way, so waiting makes sense. */
      readonly worthWaiting: boolean
    }

/**
 * Whether a claim is admissible beside what is live, draining and waiting. More live leases never turn a refusal into
 * an admission (law 7); nothing is admitted over a live or draining entry that it conflicts with (law 4).
 */
export function admission(state: LedgerState, asking: Asking): Admission {
  const evict = new Map<LeaseId, Lease>()
  const obstacles: Obstacle[] = []
  for (const found of [
    leasesInTheWay(state, asking, evict),
    drainsInTheWay(state, asking),
    ticketsInTheWay(state, asking),
  ]) {
    obstacles.push(...found)
  }
  const budget = budgetFor(state, asking, evict)
  if (!budget.fits) obstacles.push(...budget.obstacles)
  else for (const lease of budget.evict) evict.set(lease.leaseId, lease)
  const [first, ...others] = obstacles
  if (first === undefined) return { admitted: true, evict: [...evict.values()].sort((a, b) => a.place - b.place) }
  const pairwise = budget.fits ? obstacles : obstacles.slice(0, -budget.obstacles.length)
  const budgetFree = budget.fits ? [] : [{ freeAtMs: budget.freeAtMs }]
  return {
    admitted: false,
    code: heaviestCode(first, others),
    obstacles: withoutRepeats(obstacles),
    freeAtMs: allFreeAtMs([...pairwise, ...budgetFree]),
    worthWaiting: obstacles.every(({ own }) => !own),
  }
}

/** Leases that conflict and stay; those that make way go into `evict`. */
function leasesInTheWay(state: LedgerState, asking: Asking, evict: Map<LeaseId, Lease>): Obstacle[] {
  const { claim, holder } = asking
  const obstacles: Obstacle[] = []
  for (const lease of leasesNamed(state, candidates(state, claim))) {
    const conflict = conflictBetween(claim, lease, state.config)
    if (conflict === null) continue
    const eviction = evictionOf(state, lease, asking)
    if (eviction.evictable) {
      evict.set(lease.leaseId, lease)
      continue
    }
    const own = lease.holder === holder
    const code = eviction.code ?? (own ? 'held-by-self' : conflict.code)
    const { freeAtMs, child } = eviction
    obstacles.push(leaseObstacle(lease, { code, own, freeAtMs, witness: conflict.witness, child }))
  }
  return obstacles
}

function drainsInTheWay(state: LedgerState, asking: Asking): Obstacle[] {
  const obstacles: Obstacle[] = []
  for (const entry of drainingAt(state, asking)) {
    const conflict = conflictBetween(asking.claim, entry, state.config)
    if (conflict !== null) obstacles.push(drainingObstacle(entry, { witness: conflict.witness }))
  }
  return obstacles
}

function ticketsInTheWay(state: LedgerState, asking: Asking): Obstacle[] {
  const obstacles: Obstacle[] = []
  for (const ticket of ticketsAhead(state, asking)) {
    const conflict = conflictBetween(asking.claim, ticket, state.config)
    if (conflict === null) continue
    obstacles.push(ticketObstacle(ticket, { own: ticket.holder === asking.holder, witness: conflict.witness }))
  }
  return obstacles
}

function ticketsAhead(state: LedgerState, asking: Asking) {
  const { place, ticketKey, nowMs } = asking
  return [...state.tickets.live(nowMs)]
    .map(([, ticket]) => ticket)
    .filter(ticket => ticket.key !== ticketKey && (place === null || ticket.place < place))
}

function budgetFor(state: LedgerState, asking: Asking, evicted: ReadonlyMap<LeaseId, Lease>): BudgetAnswer {
  const { kind } = asking.claim
  const budget = budgetOf(kind, state.config)
  if (kind === null || budget === null) return { fits: true, evict: [] }
  const members = [...state.byKind.values(kind)].flatMap(leaseId => {
    const lease = evicted.has(leaseId) ? undefined : state.leases.get(leaseId)
    if (lease === undefined) return []
    return [{ lease, eviction: evictionOf(state, lease, asking), own: lease.holder === asking.holder }]
  })
  const draining = [...drainingAt(state, asking)].filter(entry => entry.kind === kind)
  const ahead = ticketsAhead(state, asking)
    .filter(ticket => ticket.kind === kind)
    .map(ticket => ({ ticket, own: ticket.holder === asking.holder }))
  return askBudget({ kind, budget, members, draining, ahead })
}
