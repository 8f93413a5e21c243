import { aliveAmong, probeOfAll, type Evidence } from '../evidence.ts'
import type { ProcessIdentity } from '../process-identity.ts'
import type { RefusalCode } from '../refuse-event.ts'
import type { Lease } from '../state/lease.ts'
import type { LedgerState } from '../state/ledger-state.ts'
import { countedTimes } from '../time/counted-times.ts'
import type { Moment } from '../time/own-clock.ts'

/** Whether somebody else's request may end a lease now, and if not, since what and until when. */
export type Eviction =
  | { readonly evictable: true }
  | {
      readonly evictable: false
      /** `null`: it is simply held. */
      readonly code: Extract<RefusalCode, 'orphan-alive' | 'awaiting-reap'> | null
      readonly freeAtMs: number | null
      /** With `orphan-alive`: the first recorded child that was seen to run. */
      readonly child?: ProcessIdentity | undefined
    }

interface At extends Moment {
  readonly evidence: Evidence | undefined
}

/**
 * Expiry without a sweeper. A request may end an expired lease, except one whose end needs a reaper's effect, and one
 * whose recorded children may still work: those keep it for the orphan grace unless all are confidently dead, and a
 * child seen alive keeps it for good.
 */
export function evictionOf(state: LedgerState, lease: Lease, at: At): Eviction {
  const { expiresAtMs, orphanUntilMs: keptUntilMs } = countedTimes(state, lease, at)
  const children = lease.children.length === 0 ? 'dead' : probeOfAll(at.evidence, lease.children).status
  // No time frees what waits for a reaper or for a child that runs.
  const freeAtMs = lease.reap === 'required' || children === 'alive' ? null : keptUntilMs
  if (at.nowMs < expiresAtMs) return { evictable: false, code: null, freeAtMs }
  if (lease.reap === 'required') return { evictable: false, code: 'awaiting-reap', freeAtMs: null }
  if (children === 'alive') {
    return { evictable: false, code: 'orphan-alive', freeAtMs: null, child: aliveAmong(at.evidence, lease.children) }
  }
  if (children === 'dead' || at.nowMs >= keptUntilMs) return { evictable: true }
  return { evictable: false, code: null, freeAtMs }
}
