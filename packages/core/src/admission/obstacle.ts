import { BLOCKERS_MAX, type Blocker, type RefusalCode } from '../refuse-event.ts'
import type { EpochMs } from '../ids.ts'
import type { ProcessIdentity } from '../process-identity.ts'
import type { Lease } from '../state/lease.ts'
import type { DrainingEntry, Ticket } from '../state/entries.ts'
import { inDifferentTrees, type TreeOf, type WorkTree } from '../work-tree.ts'

/** One thing in the way of a request. */
export interface Obstacle {
  readonly code: RefusalCode
  /** When it ends by itself; `null`: not known. */
  readonly freeAtMs: number | null
  /** It is the asking holder's own: waiting for it would be waiting for oneself. */
  readonly own: boolean
  /** Revision that orders obstacles for people. */
  readonly order: number
  readonly blocker: Blocker
  /** Where it is; `null`: unknown. */
  readonly workTree: WorkTree | null
}

/** The code of a refusal with several obstacles is the last of these; no other code stands for an obstacle. */
const CODES_BY_WEIGHT: readonly RefusalCode[] = [
  'queued-behind',
  'draining',
  'awaiting-reap',
  'orphan-alive',
  'budget-exhausted',
  'region-held',
  'lane-held',
  'exclusive-lane-live',
  'held-by-self',
]

export function heaviestCode(first: Obstacle, others: readonly Obstacle[]): RefusalCode {
  const weight = (code: RefusalCode) => CODES_BY_WEIGHT.indexOf(code)
  return others.reduce((heaviest, { code }) => (weight(code) > weight(heaviest) ? code : heaviest), first.code)
}

/** When all of them have ended; `null` when that is not known of one. */
export function allFreeAtMs(obstacles: readonly Pick<Obstacle, 'freeAtMs'>[]): number | null {
  let latest = Number.NEGATIVE_INFINITY
  for (const { freeAtMs } of obstacles) {
    if (freeAtMs === null) return null
    latest = Math.max(latest, freeAtMs)
  }
  return latest
}

/** The blockers that a refusal names, in order, and how many more there are. `asker`: the work tree that is asked from. */
export function nameBlockers(
  obstacles: readonly Obstacle[],
  asker: TreeOf,
): { blockers: Blocker[]; moreBlockers: number } {
  const inOrder = [...obstacles].sort((a, b) => a.order - b.order)
  const blockers = inOrder.slice(0, BLOCKERS_MAX).map(({ blocker, workTree }) => {
    return workTree !== null && inDifferentTrees(workTree, asker) ? { ...blocker, workTree } : blocker
  })
  return { blockers, moreBlockers: inOrder.length - blockers.length }
}

/**
 * One thing can be in the way twice, by its region and by its kind's budget, or of several claims: the first reason is
 * named.
 */
export function withoutRepeats(obstacles: readonly Obstacle[]): Obstacle[] {
  const seen = new Set<string>()
  return obstacles.filter(({ blocker }) => {
    const key = `${blocker.leaseId ?? ''}\n${blocker.token ?? ''}\n${blocker.ticket ?? ''}`
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}

interface Why {
  readonly code: RefusalCode
  readonly freeAtMs: number | null
  readonly own: boolean
  readonly witness?: string | undefined
  /** The recorded child that keeps the lease. */
  readonly child?: ProcessIdentity | undefined
}

export function leaseObstacle(lease: Lease, why: Why): Obstacle {
  const { leaseId, token, lane, holder } = lease
  const subject: Blocker = { leaseId, token, lane, holder }
  const full = why.child === undefined ? subject : { ...subject, child: why.child }
  return obstacle(why, { order: lease.place, subject: full, workTree: lease.workTree })
}

export function drainingObstacle(entry: DrainingEntry, why: Pick<Why, 'witness'>): Obstacle {
  const { leaseId, token, lane, holder } = entry
  const full = { ...why, code: 'draining', freeAtMs: entry.untilMs, own: false } as const
  const subject: Blocker = { leaseId, token, lane, holder }
  return obstacle(full, { order: token, subject, workTree: entry.workTree ?? null })
}

export function ticketObstacle(ticket: Ticket, why: Pick<Why, 'witness' | 'own'>): Obstacle {
  const { lane, holder, place } = ticket
  const full = { ...why, code: 'queued-behind', freeAtMs: ticket.untilMs } as const
  const subject: Blocker = { leaseId: null, token: null, lane, holder, ticket: place }
  return obstacle(full, { order: place, subject, workTree: ticket.workTree ?? null })
}

function obstacle(
  why: Why,
  { order, subject, workTree }: { order: number; subject: Blocker; workTree: WorkTree | null },
): Obstacle {
  const { code, freeAtMs, own, witness } = why
  const blocker: Blocker = { ...subject, code }
  if (witness !== undefined && witness !== '') blocker.witness = witness
  // Past the last instant that there is nothing ends, and no reader would take the event that says so.
  if (freeAtMs !== null && Number.isSafeInteger(freeAtMs)) blocker.until = freeAtMs as EpochMs
  return { code, freeAtMs, own, order, blocker, workTree }
}
