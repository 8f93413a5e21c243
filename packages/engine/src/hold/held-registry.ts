import type { LeaseId, LogEntry } from '@holdfast/core'
import type { HeldLease } from './held-lease.ts'

/** The handles that one ledger object has given out, and which of them an entry of the log concerns. */
export class HeldRegistry {
  readonly #byLease = new Map<LeaseId, Set<HeldLease>>()

  get isEmpty(): boolean {
    return this.#byLease.size === 0
  }

  add(held: HeldLease): void {
    const others = this.#byLease.get(held.leaseId) ?? new Set()
    this.#byLease.set(held.leaseId, others.add(held))
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
        return this.#of(entry.data.leaseId)
      case 'HALT':
        return entry.data.leaseId === undefined ? [] : this.#of(entry.data.leaseId)
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

  #of(leaseId: LeaseId): readonly HeldLease[] {
    return [...(this.#byLease.get(leaseId) ?? [])]
  }
}
