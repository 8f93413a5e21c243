import type { EndCause } from '../events.ts'
import { orphanUntilMs, type Lease } from '../state/lease.ts'
import type { LedgerState } from '../state/ledger-state.ts'

/**
 * When a ground against the lease comes by time alone, if nothing else happens: for `cause`, or the first of expiry and
 * exit when any will do. `null`: never, or not by time (a death has to be seen).
 */
export function groundTimeMs({ config }: LedgerState, lease: Lease, cause: EndCause | undefined): number | null {
  const expiredAtMs = orphanUntilMs(lease, config.orphanGraceMs)
  // Evidence of an exit or an age never counts against a reaper's claim.
  const exitedAtMs =
    lease.exit === null || lease.claim !== null ? null : lease.exit.atMs + config.finalisationGraceMs + 1
  switch (cause) {
    case undefined:
      return exitedAtMs === null ? expiredAtMs : Math.min(expiredAtMs, exitedAtMs)
    case 'expired':
      return expiredAtMs
    case 'exited':
      return exitedAtMs
    case 'age-ceiling':
      return lease.claim === null ? lease.ownedSinceMs + config.ageCeilingMs + 1 : null
    case 'process-dead':
    case 'manual':
      return null
  }
}
