import type { EndEvidence } from '../lease-events.ts'
import type { Lease } from '../state/lease.ts'
import type { LedgerState } from '../state/ledger-state.ts'
import { countedTimes } from '../time/counted-times.ts'
import type { Moment } from '../time/own-clock.ts'
import { endingGrounds, type EndingGrounds } from './ending-grounds.ts'
import { probeOf, probeOfAll, type Surroundings } from '../evidence.ts'

/** The grounds on which a lease may be ended by somebody else, and what each rests on. */
export interface Grounds extends EndingGrounds {
  /** A recorded child is known to run. */
  readonly childAlive: boolean
  readonly evidence: EndEvidence
}

/**
 * Weighs a lease against what is known. Everything unknown stands for "no ground": a wrong "dead" costs two holders
 * who believe, a wrong "alive" costs time (law 8).
 */
export function groundsAgainst(state: LedgerState, lease: Lease, around: Surroundings): Grounds {
  const { config } = state
  const { nowMs, evidence } = around
  const times = countedTimes(state, lease, around)
  const process = lease.process === null ? null : probeOf(evidence, lease.process)
  const children = probeOfAll(evidence, lease.children)
  const childrenDead = lease.children.length === 0 || children.status === 'dead'
  const ownDeadProbes = process?.consecutiveDead ?? 0
  const deadProbes = lease.children.length === 0 ? ownDeadProbes : Math.min(ownDeadProbes, children.consecutiveDead)
  const facts = {
    claimed: lease.claim !== null,
    exitForMs: times.exitAtMs === null ? null : nowMs - times.exitAtMs,
    ownedForMs: nowMs - times.ownedSinceMs,
    silentForMs: nowMs - times.lastBeatAtMs,
    graceMs: lease.graceMs,
    expired: nowMs >= times.expiresAtMs,
    orphanGraceOver: nowMs >= times.orphanUntilMs,
    childrenDead,
    deadProbes: process?.status === 'dead' && childrenDead ? deadProbes : 0,
  }
  return {
    ...endingGrounds(facts, config),
    childAlive: lease.children.length > 0 && children.status === 'alive',
    evidence: {
      nowMs,
      expiresAt: lease.expiresAtMs,
      lastBeatAt: lease.lastBeatAtMs,
      ...clockEvidence(lease, around),
      ...(process === null ? {} : { process: process.status, consecutiveProbes: deadProbes }),
      ...(lease.children.length === 0
        ? {}
        : { children: lease.children.map(child => probeOf(evidence, child).status) }),
    },
  }
}

/** What the decider counts on besides the log clock: its own, or the bound of a step. */
export function clockEvidence(lease: Lease, { ownClock }: Moment): Pick<EndEvidence, 'clock'> {
  if (ownClock === undefined) return {}
  return { clock: ownClock.watched.has(lease.token) ? 'watched' : 'unwatched' }
}
