import type { Evidence } from '../decide/evidence.ts'
import { probeOfAll } from '../decide/evidence.ts'
import type { RefusalCode } from '../events.ts'
import { isExpired, orphanUntilMs, type Lease } from '../state/lease.ts'

/** Whether somebody else's request may end a lease now, and if not, since what and until when. */
export type Eviction =
  | { readonly evictable: true }
  | {
      readonly evictable: false
      /** `null`: it is simply held. */
      readonly code: Extract<RefusalCode, 'orphan-alive' | 'awaiting-reap'> | null
      readonly freeAtMs: number | null
    }

interface At {
  readonly nowMs: number
  readonly orphanGraceMs: number
  readonly evidence: Evidence | undefined
}

/**
 * Expiry without a sweeper. A request may end an expired lease, except one whose end needs a reaper's effect, and one
 * whose recorded children may still work: those keep it for the orphan grace unless all are confidently dead, and a
 * child seen alive keeps it for good.
 */
export function evictionOf(lease: Lease, at: At): Eviction {
  const keptUntilMs = orphanUntilMs(lease, at.orphanGraceMs)
  const children = lease.children.length === 0 ? 'dead' : probeOfAll(at.evidence, lease.children).status
  // No time frees what waits for a reaper or for a child that runs.
  const freeAtMs = lease.reap === 'required' || children === 'alive' ? null : keptUntilMs
  if (!isExpired(lease, at.nowMs)) return { evictable: false, code: null, freeAtMs }
  if (lease.reap === 'required') return { evictable: false, code: 'awaiting-reap', freeAtMs: null }
  if (children === 'alive') return { evictable: false, code: 'orphan-alive', freeAtMs: null }
  if (children === 'dead' || at.nowMs >= keptUntilMs) return { evictable: true }
  return { evictable: false, code: null, freeAtMs }
}
