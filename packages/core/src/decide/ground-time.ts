import type { EndCause } from '../lease-events.ts'
import type { Lease } from '../state/lease.ts'
import type { LedgerState } from '../state/ledger-state.ts'
import { countedTimes } from '../time/counted-times.ts'
import type { Moment } from '../time/own-clock.ts'

interface Asked extends Moment {
  /** Absent: any will do. */
  readonly cause: EndCause | undefined
}

/**
 * When a ground against the lease comes by time alone, if nothing else happens: for `cause`, or the first of expiry and
 * exit when any will do. `null`: never, or not by time (a death has to be seen).
 */
export function groundTimeMs(state: LedgerState, lease: Lease, asked: Asked): number | null {
  const { config } = state
  const { orphanUntilMs: expiredAtMs, exitAtMs, ownedSinceMs } = countedTimes(state, lease, asked)
  // Evidence of an exit or an age never counts against a reaper's claim.
  const exitedAtMs = exitAtMs === null || lease.claim !== null ? null : exitAtMs + config.finalisationGraceMs + 1
  switch (asked.cause) {
    case undefined:
      return exitedAtMs === null ? expiredAtMs : Math.min(expiredAtMs, exitedAtMs)
    case 'expired':
      return expiredAtMs
    case 'exited':
      return exitedAtMs
    case 'age-ceiling':
      return lease.claim === null ? ownedSinceMs + config.ageCeilingMs + 1 : null
    case 'process-dead':
    case 'manual':
      return null
  }
}
