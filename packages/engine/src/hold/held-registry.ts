import type { LeaseId, LogEntry } from '@holdfast/core'
import type { HeldLease } from './held-lease.ts'

/** From so many handles on their beats are moved together. */
const CROWD_MIN = 16

/** Into so many slots one interval is cut: a beat comes at most one slot early. */
const SLOTS_PER_INTERVAL = 4

/** The handles that one ledger object has given out, and which of them an entry of the log concerns. */
export class HeldRegistry {
  readonly #byLease = new Map<LeaseId, Set<HeldLease>>()

  add(held: HeldLease): void {
    const others = this.#byLease.get(held.leaseId) ?? new Set()
    this.#byLease.set(held.leaseId, others.add(held))
  }

  /**
   * When a beat that is due at `atBootMs` is sent. Many leases beat in the same slots, so that one commit serves them
   * all; few leases beat when they are due.
   */
  aligned(atBootMs: number, beatEveryMs: number): number {
    if (this.#byLease.size < CROWD_MIN) return atBootMs
    const slotMs = Math.max(1, Math.floor(beatEveryMs / SLOTS_PER_INTERVAL))
    return Math.floor(atBootMs / slotMs) * slotMs
  }

  forget(held: HeldLease): void {
    const handles = this.#byLease.get(held.leaseId)
    handles?.delete(held)
    if (handles?.size === 0) this.#byLease.delete(held.leaseId)
  }

  all(): HeldLease[] {
    return [...this.#byLease.values()].flatMap(handles => [...handles])
  }

  /** The handles to tell of an entry. */
  concernedBy(entry: LogEntry): readonly HeldLease[] {
    switch (entry.type) {
      case 'RELEASE':
      case 'ADOPT':
      case 'SCAVENGE':
        return this.of(entry.data.leaseId)
      case 'HALT':
        return entry.data.leaseId === undefined ? [] : this.of(entry.data.leaseId)
      case 'CHECKPOINT':
        return this.all()
      case 'ACQUIRE':
      case 'HEARTBEAT':
      case 'SPAWN':
      case 'REFUSE':
      case 'UNRECOGNISED':
        return []
    }
  }

  /** The handles of a lease. */
  of(leaseId: LeaseId): readonly HeldLease[] {
    return [...(this.#byLease.get(leaseId) ?? [])]
  }
}
