import {
  countedTimes,
  type EpochMs,
  Holder,
  isExpired,
  type Blocker,
  type Claim,
  type LeaseId,
  type LedgerState,
  type Moment,
  type Probe,
  type ProcessIdentity,
  type ProcessStatus,
  type RefusalCode,
} from '@holdfast/core'
import {
  admission,
  closedToGrants,
  isKnownLane,
  nameBlockers,
  processKey,
  withDeclared,
  type Obstacle,
} from '@holdfast/core/internal'
import { leaseViews, type LeaseView } from './lease-view.ts'

/** A recorded child that runs on is looked at this often: its end writes no event. */
export const CHILD_LOOK_MS = 1000

/** Asks where nobody does: a name that stands for no holder. */
const NOBODY = Holder.parse('(nobody)')

/** What is asked, as of what moment, and how processes are looked at. */
export interface LaneQuestion extends Moment {
  readonly nowMs: EpochMs
  /** What is to be free; a declared lane lends it region and kind. */
  readonly claim: Claim
  /** Default: every process is `unknown`. */
  readonly probe?: ((process: ProcessIdentity) => ProcessStatus) | undefined
}

/** Everything that would refuse a request for a lane. */
export interface LaneBlockers {
  /** Nothing would; a request is granted, if nobody is faster. */
  readonly free: boolean
  /** With what a request would be refused: `null` when it would not. */
  readonly code: RefusalCode | null
  readonly blockers: readonly Blocker[]
  readonly moreBlockers: number
  /** The live leases among the blockers that are named. */
  readonly leases: readonly LeaseView[]
  /** When a request is granted if nothing else happens; `null`: not known. */
  readonly freeAtMs: number | null
  /** The ledger grants nothing at all, and no waiting mends it. */
  readonly closed: { readonly code: string; readonly message: string } | null
  /** When the answer may be another one without an event; `null`: not by time. */
  readonly looksAgainAtMs: number | null
}

/**
 * What stands in the way of a lane, by the rules of admission themselves: live leases, draining entries, tickets in
 * line, recorded children that run, leases that wait for a reaper, exclusive lanes, full budgets. It asks for nothing and
 * takes no place. A sample, true at its moment.
 */
export function laneBlockers(state: LedgerState, question: LaneQuestion): LaneBlockers {
  const { probe, nowMs, ownClock } = question
  const nothing = { blockers: [], moreBlockers: 0, leases: [], freeAtMs: null, looksAgainAtMs: null }
  const closed = closedToGrants(state)
  if (closed !== null) {
    return { free: false, code: null, closed: { code: closed.code, message: closed.message }, ...nothing }
  }
  const claim = withDeclared(question.claim, state.config)
  if (!isKnownLane(claim.lane, state.config)) return { free: false, code: 'unknown-lane', closed: null, ...nothing }
  const evidence = probe === undefined ? undefined : { probes: childProbes(state, probe, nowMs) }
  const answer = admission(state, {
    claim,
    holder: NOBODY,
    nowMs,
    ownClock,
    evidence,
    place: null,
    ticketKey: null,
  })
  if (answer.admitted) return { free: true, code: null, closed: null, ...nothing }
  const named = nameBlockers(answer.obstacles, claim.workTree)
  const leaseIds = new Set(named.blockers.map(({ leaseId }) => leaseId))
  return {
    free: false,
    code: answer.code,
    closed: null,
    ...named,
    leases: leaseViews(state, nowMs).filter(({ leaseId }) => leaseIds.has(leaseId)),
    freeAtMs: answer.freeAtMs,
    looksAgainAtMs: earliest(
      nowMs,
      answer.obstacles.flatMap(obstacle => boundaries(state, obstacle, question)),
    ),
  }
}

/** The children of expired leases: whether they run decides whether those leases make way. */
function childProbes(
  state: LedgerState,
  probe: (process: ProcessIdentity) => ProcessStatus,
  nowMs: number,
): ReadonlyMap<string, Probe> {
  const probes = new Map<string, Probe>()
  for (const lease of state.leases.values()) {
    if (!isExpired(lease, nowMs)) continue
    for (const child of lease.children) {
      const status = probe(child)
      probes.set(processKey(child), { status, consecutiveDead: status === 'dead' ? 1 : 0 })
    }
  }
  return probes
}

function boundaries(state: LedgerState, { code, freeAtMs, blocker }: Obstacle, moment: LaneQuestion): number[] {
  const ends = freeAtMs === null ? [] : [freeAtMs]
  if (code === 'orphan-alive') ends.push(moment.nowMs + CHILD_LOOK_MS)
  const lease = leaseOf(state, blocker.leaseId)
  // From its expiry on the lease may make way before its children's grace is over.
  return lease === undefined ? ends : [...ends, countedTimes(state, lease, moment).expiresAtMs]
}

function leaseOf(state: LedgerState, leaseId: LeaseId | null) {
  return leaseId === null ? undefined : state.leases.get(leaseId)
}

function earliest(nowMs: number, instantsMs: readonly number[]): number | null {
  const later = instantsMs.filter(atMs => atMs > nowMs)
  return later.length === 0 ? null : Math.min(...later)
}
