import type { EndEvidence } from '../lease-events.ts'
import type { Lease } from '../state/lease.ts'
import type { LedgerState } from '../state/ledger-state.ts'
import { countedTimes } from '../time/counted-times.ts'
import type { Moment } from '../time/own-clock.ts'
import { probeOf, probeOfAll, type Surroundings } from './evidence.ts'

/** The grounds on which a lease may be ended by somebody else, and what each rests on. */
export interface Grounds {
  /** Past its time, as the decider may count on it; recorded children delay it unless all of them are confidently dead. */
  readonly expired: boolean
  /** Bound, silent for longer than the grace, and its process and children found dead often enough in a row. */
  readonly processDead: boolean
  /** Its exit has been recorded for longer than the finalisation grace. Never against a reaper's claim. */
  readonly exited: boolean
  /** Owned for longer than the ceiling. Never against a reaper's claim. Counts as force. */
  readonly overAge: boolean
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
  const silentMs = nowMs - times.lastBeatAtMs
  const ownDeadProbes = process?.consecutiveDead ?? 0
  const deadProbes = lease.children.length === 0 ? ownDeadProbes : Math.min(ownDeadProbes, children.consecutiveDead)
  return {
    expired: nowMs >= (childrenDead ? times.expiresAtMs : times.orphanUntilMs),
    processDead:
      process?.status === 'dead' && childrenDead && silentMs > lease.graceMs && deadProbes >= config.probeCount,
    exited: lease.claim === null && times.exitAtMs !== null && nowMs - times.exitAtMs > config.finalisationGraceMs,
    overAge: lease.claim === null && nowMs - times.ownedSinceMs > config.ageCeilingMs,
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
