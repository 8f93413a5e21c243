import type { WatchedLease } from './snapshot.ts'

/** How leases may be sorted, in the order in which a key goes through them. */
export const ORDERS = ['lane', 'verdict', 'holder', 'until', 'since'] as const
export type Order = (typeof ORDERS)[number]

/** What needs a look comes first. */
const RANKS = { WAITING: 0, STALLED: 1, SPINNING: 2, UNKNOWN: 3, ADVANCING: 5 } as const
const NOT_JUDGED = 4

type Compare = (a: WatchedLease, b: WatchedLease) => number

const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
const byLane: Compare = (a, b) => byName(a.lease.lane, b.lease.lane) || a.lease.token - b.lease.token
const rank = ({ liveness }: WatchedLease): number => (liveness === null ? NOT_JUDGED : RANKS[liveness.verdict])

/** Whoever waits for a human stands above all others, in every order. */
const byWaiting: Compare = (a, b) => Number(isWaiting(b)) - Number(isWaiting(a))
const isWaiting = ({ liveness }: WatchedLease): boolean => liveness?.verdict === 'WAITING'

const COMPARES: Readonly<Record<Order, Compare>> = {
  lane: byLane,
  verdict: (a, b) => rank(a) - rank(b) || byLane(a, b),
  holder: (a, b) => byName(a.lease.holder, b.lease.holder) || byLane(a, b),
  until: (a, b) => a.lease.expiresAtMs - b.lease.expiresAtMs || byLane(a, b),
  since: (a, b) => a.lease.ownedSinceMs - b.lease.ownedSinceMs || byLane(a, b),
}

export function nextOrder(order: Order): Order {
  return ORDERS[(ORDERS.indexOf(order) + 1) % ORDERS.length] ?? order
}

export interface Choice {
  readonly order: Order
  /** Part of a lane, holder, lease, kind, verdict or region, in any case; empty: all. */
  readonly filter: string
  /** Of this holder alone; `null`: of all. */
  readonly holder: string | null
}

/** The leases that are wanted, in the order that is wanted. */
export function chosen(leases: readonly WatchedLease[], { order, filter, holder }: Choice): readonly WatchedLease[] {
  const part = filter.toLowerCase()
  const wanted = leases.filter(one => (holder === null || one.lease.holder === holder) && has(one, part))
  const compare = COMPARES[order]
  return wanted.sort((a, b) => byWaiting(a, b) || compare(a, b))
}

function has({ lease, liveness }: WatchedLease, part: string): boolean {
  if (part === '') return true
  const { lane, holder, leaseId, kind, region } = lease
  const texts = [lane, holder, leaseId, kind ?? '', liveness?.verdict ?? '', ...region]
  return texts.some(text => text.toLowerCase().includes(part))
}
