import type { LeaseId, LedgerState, LogEntry, RecordedEvent, Token } from '@holdfast/core'

/** A lease as its last beat has left it. */
interface Kept {
  readonly token: Token
  readonly ttlMs: number
  safeUntilMs: number
}

/**
 * Tells beats that came too late: after the time of their lease, as the beats before have moved it. What it needs of a
 * live lease is kept here, for the state that is read has gone on already.
 */
export class LateBeats {
  readonly #kept = new Map<LeaseId, Kept>()

  constructor(state: LedgerState) {
    this.#keepAll(state)
  }

  /** How many of these beats were late. `state`: what they, and all before them, have led to. */
  heard(entries: readonly LogEntry[], state: LedgerState): number {
    let late = 0
    const touched = new Set<LeaseId>()
    for (const entry of entries) {
      if (entry.type === 'HEARTBEAT' && this.#isLate(entry)) late += 1
      if (entry.type === 'CHECKPOINT') this.#keepAll(state)
      const leaseId = leaseIn(entry)
      if (leaseId !== null) touched.add(leaseId)
    }
    for (const leaseId of touched) this.#keep(leaseId, state)
    return late
  }

  #isLate({ data, recordedAt }: RecordedEvent<'HEARTBEAT'>): boolean {
    const kept = this.#kept.get(data.leaseId)
    if (kept === undefined || kept.token !== data.token) return false
    const isLate = recordedAt >= kept.safeUntilMs
    kept.safeUntilMs = Math.max(kept.safeUntilMs, recordedAt + Math.max(kept.ttlMs, data.activity?.grantedMs ?? 0))
    return isLate
  }

  #keepAll(state: LedgerState): void {
    this.#kept.clear()
    for (const leaseId of state.leases.keys()) this.#keep(leaseId, state)
  }

  #keep(leaseId: LeaseId, { leases }: LedgerState): void {
    const lease = leases.get(leaseId)
    if (lease === undefined) this.#kept.delete(leaseId)
    else this.#kept.set(leaseId, { token: lease.token, ttlMs: lease.ttlMs, safeUntilMs: lease.safeUntilMs })
  }
}

function leaseIn(entry: LogEntry): LeaseId | null {
  switch (entry.type) {
    case 'ACQUIRE':
    case 'RELEASE':
    case 'HEARTBEAT':
    case 'ADOPT':
    case 'SCAVENGE':
      return entry.data.leaseId
    case 'HALT':
    case 'SPAWN':
    case 'REFUSE':
    case 'CHECKPOINT':
    case 'UNRECOGNISED':
      return null
  }
}
