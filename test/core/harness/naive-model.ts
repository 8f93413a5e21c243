import picomatch from 'picomatch'

// What the ledger should do, written a second time and as plainly as possible: arrays, no index, regions compared by
// trying paths. Times as in the schedules: grace 3, orphan grace none, ticket 10, request memory 50.

export interface Want {
  readonly lane: string
  readonly region: readonly string[]
  readonly mode: 'exclusive' | 'shared'
  readonly kind: 'big' | null
  /** Id of a work tree; `null`: nobody knows. */
  readonly tree: string | null
}

export interface NaiveLease extends Want {
  readonly id: string
  token: number
  holder: string
  expiresAt: number
  readonly ttl: number
  readonly acquired: number
}

interface NaiveDrain extends Want {
  readonly id: string
  readonly token: number
  readonly holder: string
  readonly until: number
}

interface NaiveTicket {
  readonly holder: string
  readonly requestId: string
  readonly want: Want
  readonly place: number
  readonly refreshedAt: number
  readonly until: number
}

interface NaiveGrant {
  readonly holder: string
  readonly requestId: string
  readonly want: Want
  readonly token: number
  forgottenAt: number
}

export const BUDGET = 2
export const EXCLUSIVE_LANE = 'deploy'
const GRACE = 3
const TICKET_TTL = 10
const REQUEST_MEMORY = 50

export const PATHS = ['src/a.ts', 'src/api/b.ts', 'src/api/c.md', 'docs/d.md', 'README.md', 'src', 'docs', 'src/api']
const MATCHING = { dot: true, nonegate: true, noextglob: true, posix: true, nocase: true }

export class NaiveModel {
  now = 0
  leases: NaiveLease[] = []
  drains: NaiveDrain[] = []
  tickets: NaiveTicket[] = []
  grants: NaiveGrant[] = []
  newestToken = -1
  /** Whether regions of different work trees leave each other alone. */
  apart: boolean

  constructor({ apart = false }: { readonly apart?: boolean } = {}) {
    this.apart = apart
  }

  wait(ms: number): void {
    this.now += ms
    this.drains = this.drains.filter(({ until }) => until > this.now)
    this.tickets = this.tickets.filter(({ until }) => until > this.now)
    this.grants = this.grants.filter(({ forgottenAt }) => forgottenAt > this.now)
  }

  /** What is in the way, by id: a lease's or drain's token, or the place of a ticket. */
  blockers(want: Want, holder: string, requestId: string | null) {
    const mine = this.tickets.find(ticket => ticket.holder === holder && ticket.requestId === requestId)
    const place = mine !== undefined && same(mine.want, want) ? mine.place : Number.POSITIVE_INFINITY
    const ahead = this.tickets.filter(ticket => ticket !== mine && ticket.place < place)
    const conflicting = this.leases.filter(lease => this.conflict(lease, want))
    const makeWay = conflicting.filter(lease => this.isExpired(lease))
    const found = [
      ...conflicting
        .filter(lease => !this.isExpired(lease))
        .map(lease => ({ id: `t${lease.token}`, own: lease.holder === holder })),
      ...this.drains.filter(drain => this.conflict(drain, want)).map(drain => ({ id: `t${drain.token}`, own: false })),
      ...ahead
        .filter(ticket => this.conflict(ticket.want, want))
        .map(ticket => ({ id: `q${ticket.place}`, own: ticket.holder === holder })),
      ...this.overBudget(want, holder, { makeWay, ahead }),
    ]
    const evicted = found.length > 0 ? [] : [...makeWay, ...this.budgetEvictions(want, makeWay)]
    return { ids: [...new Set(found.map(({ id }) => id))].sort(), own: found.some(({ own }) => own), evicted, mine }
  }

  conflict(a: Want, b: Want): boolean {
    if (a.lane === EXCLUSIVE_LANE || b.lane === EXCLUSIVE_LANE) return true
    if (a.mode === 'shared' && b.mode === 'shared') return false
    return a.lane === b.lane || (!(this.apart && areTwoTrees(a, b)) && meet(a, b))
  }

  /** Tokens of what a grant will meet when the trees are merged. */
  mergeRisks(want: Want): number[] {
    if (!this.apart) return []
    const meeting = [...this.leases, ...this.drains].filter(
      other =>
        (other.mode === 'exclusive' || want.mode === 'exclusive') && areTwoTrees(other, want) && meet(other, want),
    )
    return meeting.map(({ token }) => token)
  }

  /** Whether something that is apart could not stay if trees counted together. */
  get isAtOdds(): boolean {
    const together = new NaiveModel()
    return this.leases.some(lease =>
      [...this.leases, ...this.drains].some(
        other => other !== lease && areTwoTrees(lease, other) && together.conflict(lease, other),
      ),
    )
  }

  overBudget(want: Want, holder: string, { makeWay, ahead }: { makeWay: NaiveLease[]; ahead: NaiveTicket[] }) {
    if (want.kind === null) return []
    const leases = this.leases.filter(({ kind }) => kind === want.kind)
    const alive = leases.filter(lease => !makeWay.includes(lease) && !this.isExpired(lease))
    const drains = this.drains.filter(({ kind }) => kind === want.kind)
    const queue = ahead.filter(ticket => ticket.want.kind === want.kind)
    const inLine = queue.map(ticket => ({ id: `q${ticket.place}`, own: ticket.holder === holder }))
    if (alive.length + drains.length + queue.length < BUDGET) return []
    if (alive.length + drains.length < BUDGET) return inLine
    const allMine = alive.filter(lease => lease.holder === holder).length >= BUDGET
    return [
      ...alive.map(lease => ({ id: `t${lease.token}`, own: allMine && lease.holder === holder })),
      ...drains.map(({ token }) => ({ id: `t${token}`, own: false })),
      ...inLine,
    ]
  }

  budgetEvictions(want: Want, makeWay: readonly NaiveLease[]): NaiveLease[] {
    if (want.kind === null) return []
    const members = this.leases.filter(lease => lease.kind === want.kind && !makeWay.includes(lease))
    const drains = this.drains.filter(({ kind }) => kind === want.kind)
    const tooMany = members.length + drains.length + 1 - BUDGET
    const expired = members.filter(lease => this.isExpired(lease))
    return expired.sort((a, b) => a.expiresAt - b.expiresAt || a.acquired - b.acquired).slice(0, Math.max(0, tooMany))
  }

  isExpired({ expiresAt }: NaiveLease): boolean {
    return this.now >= expiresAt
  }

  granted(
    want: Want,
    holder: string,
    requestId: string | null,
    given: { id: string; token: number; ttl: number },
  ): void {
    const expiresAt = this.now + given.ttl + GRACE
    this.leases.push({ ...want, ...given, holder, expiresAt, acquired: given.token })
    if (requestId === null) return
    this.tickets = this.tickets.filter(ticket => ticket.holder !== holder || ticket.requestId !== requestId)
    this.grants.push({ holder, requestId, want, token: given.token, forgottenAt: Number.POSITIVE_INFINITY })
  }

  waits(want: Want, holder: string, requestId: string, place: number): void {
    this.tickets = this.tickets.filter(ticket => ticket.holder !== holder || ticket.requestId !== requestId)
    this.tickets.push({ want, holder, requestId, place, refreshedAt: this.now, until: this.now + TICKET_TTL })
  }

  beaten(lease: NaiveLease, activity: number): void {
    lease.expiresAt = Math.max(lease.expiresAt, this.now + Math.max(lease.ttl, activity) + GRACE)
  }

  adopted(lease: NaiveLease, holder: string, token: number): void {
    this.#drain(lease)
    this.#forget(lease)
    lease.holder = holder
    lease.token = token
    lease.expiresAt = this.now + lease.ttl + GRACE
  }

  ended(lease: NaiveLease, believed: boolean): void {
    if (believed) this.#drain(lease)
    this.#forget(lease)
    this.leases = this.leases.filter(other => other !== lease)
  }

  #drain(lease: NaiveLease): void {
    if (!this.isExpired(lease)) this.drains.push({ ...lease, until: lease.expiresAt })
  }

  #forget({ token }: NaiveLease): void {
    for (const grant of this.grants) if (grant.token === token) grant.forgottenAt = this.now + REQUEST_MEMORY
  }
}

/** Whether `b` asks again for what `a` asked for; who asked without knowing the tree asked for all of them. */
export function same(a: Want, b: Want): boolean {
  const alike =
    JSON.stringify([a.lane, a.region, a.mode, a.kind]) === JSON.stringify([b.lane, b.region, b.mode, b.kind])
  return alike && (a.tree === null || a.tree === b.tree)
}

function areTwoTrees(a: Want, b: Want): boolean {
  return a.tree !== null && b.tree !== null && a.tree !== b.tree
}

const expressions = new Map<string, RegExp>()

function expressionOf(glob: string): RegExp {
  const known = expressions.get(glob) ?? picomatch.makeRe(glob, MATCHING)
  expressions.set(glob, known)
  return known
}

function meet(a: Want, b: Want): boolean {
  return PATHS.some(path => covers(a.region, path) && covers(b.region, path))
}

function covers(region: readonly string[], path: string): boolean {
  const globs = region.flatMap(glob => (/[*?[{]/.test(glob) ? [glob] : [glob, `${glob}/**`]))
  return globs.some(glob => expressionOf(glob).test(path))
}
