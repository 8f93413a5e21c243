import type { EpochMs } from './ids.ts'
import type { OwnClock } from './time/own-clock.ts'
import { processKey, type ProcessIdentity, type ProcessStatus } from './process-identity.ts'

/** What probing one process found, and for how many consecutive probes it has been dead. */
export interface Probe {
  readonly status: ProcessStatus
  /** Consecutive probes, this one included, that found it dead; 0 otherwise. */
  readonly consecutiveDead: number
}

/** Verdict of a local admission predicate. It may only refuse; name and reason are recorded as far as an event takes them. */
export interface PredicateVerdict {
  readonly name: string
  readonly allowed: boolean
  readonly reason: string
}

/**
 * Everything that a decision reads beyond the log, gathered by the caller before it. What is missing counts as unknown,
 * and unknown never ends a lease.
 */
export interface Evidence {
  /** By `processKey`. */
  readonly probes?: ReadonlyMap<string, Probe> | undefined
  readonly predicates?: readonly PredicateVerdict[] | undefined
}

/** The surroundings of a decision. */
export interface Surroundings {
  /** The decider's log clock. */
  readonly nowMs: EpochMs
  /** What the decider has watched, where the log clock can step; absent: it cannot, and is believed alone. */
  readonly ownClock?: OwnClock | undefined
  readonly evidence?: Evidence | undefined
}

const UNKNOWN: Probe = { status: 'unknown', consecutiveDead: 0 }

/** What is known of one process; what nobody probed is unknown. */
export function probeOf(evidence: Evidence | undefined, process: ProcessIdentity): Probe {
  return evidence?.probes?.get(processKey(process)) ?? UNKNOWN
}

/** What is known of all of them together: alive if one is, dead only if every one is (with the lowest count). */
export function probeOfAll(evidence: Evidence | undefined, processes: readonly ProcessIdentity[]): Probe {
  let consecutiveDead = Number.MAX_SAFE_INTEGER
  let status: ProcessStatus = 'dead'
  for (const process of processes) {
    const probe = probeOf(evidence, process)
    if (probe.status === 'alive') return { status: 'alive', consecutiveDead: 0 }
    if (probe.status === 'unknown') status = 'unknown'
    consecutiveDead = Math.min(consecutiveDead, probe.consecutiveDead)
  }
  return { status, consecutiveDead: status === 'dead' ? consecutiveDead : 0 }
}

/** The first of them that was seen to run. */
export function aliveAmong(
  evidence: Evidence | undefined,
  processes: readonly ProcessIdentity[],
): ProcessIdentity | undefined {
  return processes.find(process => probeOf(evidence, process).status === 'alive')
}
