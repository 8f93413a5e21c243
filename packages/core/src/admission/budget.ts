import type { Configuration } from '../configuration.ts'
import type { Kind } from '../ids.ts'
import type { Lease } from '../state/lease.ts'
import type { DrainingEntry, Ticket } from '../state/entries.ts'
import type { Eviction } from './eviction.ts'
import { allFreeAtMs, drainingObstacle, leaseObstacle, ticketObstacle, type Obstacle } from './obstacle.ts'

/** Who has a share of a kind's budget. */
export interface BudgetUse {
  readonly kind: Kind
  readonly budget: number
  readonly members: readonly { readonly lease: Lease; readonly eviction: Eviction; readonly own: boolean }[]
  readonly draining: readonly DrainingEntry[]
  /** Earlier tickets of this kind. */
  readonly ahead: readonly { readonly ticket: Ticket; readonly own: boolean }[]
}

export type BudgetAnswer =
  | { readonly fits: true; readonly evict: readonly Lease[] }
  | { readonly fits: false; readonly obstacles: readonly Obstacle[]; readonly freeAtMs: number | null }

/** How many leases of a kind may be live at once; `null`: any number. */
export function budgetOf(kind: Kind | null, { kinds }: Configuration): number | null {
  return kind !== null && Object.hasOwn(kinds, kind) ? (kinds[kind]?.budget ?? null) : null
}

/**
 * Whether one more lease of the kind fits. Draining entries and earlier tickets take a share like leases; expired
 * leases make way, the oldest first, and no more of them than must.
 */
export function askBudget(use: BudgetUse): BudgetAnswer {
  const evictable = use.members.filter(({ eviction }) => eviction.evictable).map(({ lease }) => lease)
  const staying = use.members.flatMap(({ lease, eviction, own }) =>
    eviction.evictable ? [] : [{ lease, own, freeAtMs: eviction.freeAtMs }],
  )
  const fixed = staying.length + use.draining.length
  if (fixed + use.ahead.length + 1 <= use.budget) {
    const evictCount = Math.max(0, fixed + evictable.length + 1 - use.budget)
    const oldestFirst = evictable.sort((a, b) => a.expiresAtMs - b.expiresAtMs || a.place - b.place)
    return { fits: true, evict: oldestFirst.slice(0, evictCount) }
  }
  const queued = use.ahead.map(({ ticket, own }) => ticketObstacle(ticket, { own }))
  if (fixed + 1 <= use.budget) return { fits: false, obstacles: queued, freeAtMs: allFreeAtMs(queued) }
  return {
    fits: false,
    obstacles: [...occupants(use, staying), ...queued],
    freeAtMs: enoughFreeAtMs(use, staying, queued),
  }
}

/** A lease that takes a share and does not make way. */
interface Staying {
  readonly lease: Lease
  readonly own: boolean
  readonly freeAtMs: number | null
}

function occupants(use: BudgetUse, staying: readonly Staying[]): Obstacle[] {
  const own = staying.filter(member => member.own).length
  // The holder's own leases fill the budget: however many others end, this request can not be granted.
  const bySelf = own + 1 > use.budget
  const leases = staying.map(({ lease, freeAtMs, ...member }) =>
    leaseObstacle(lease, {
      code: bySelf && member.own ? 'held-by-self' : 'budget-exhausted',
      freeAtMs,
      own: bySelf && member.own,
    }),
  )
  return [...leases, ...use.draining.map(entry => drainingObstacle(entry, {}))]
}

/** When enough shares are free: the n-th to end by itself, and every ticket ahead gone. */
function enoughFreeAtMs(use: BudgetUse, staying: readonly Staying[], queued: readonly Obstacle[]): number | null {
  const ends = [...staying.map(({ freeAtMs }) => freeAtMs), ...use.draining.map(({ untilMs }) => untilMs)].sort(
    (a, b) => (a ?? Number.POSITIVE_INFINITY) - (b ?? Number.POSITIVE_INFINITY),
  )
  const needed = ends[ends.length - use.budget]
  if (needed === undefined || needed === null) return null
  return allFreeAtMs([{ freeAtMs: needed }, ...queued])
}
