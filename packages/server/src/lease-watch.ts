import { findLease } from '@holdfast/core/internal'
import { type HaltEntry, type LeaseId, type LogEntry, type Token } from '@holdfast/core'
import type { HostedLedger } from '@holdfast/engine/served'
import type { Revision } from '@holdfast/core'

type Tell = (entries: readonly LogEntry[]) => void

/**
 * Tells each door what the log says of the leases that it watches, and nothing else: with thousands of holders, a beat of one
 * must not reach all others. The log is followed while anybody watches.
 */
export class LeaseWatch {
  readonly #hosted: HostedLedger
  readonly #watchers = new Map<LeaseId, Set<Tell>>()
  #unlisten: (() => void) | null = null

  constructor(hosted: HostedLedger) {
    this.#hosted = hosted
  }

  /**
   * From now on `tell` hears of the lease. What has happened to it since its token is told as well, and its pending HALTs are
   * the answer.
   */
  async watch(leaseId: LeaseId, token: Token, tell: Tell): Promise<readonly HaltEntry[]> {
    const { ledger } = this.#hosted
    this.#watchers.set(leaseId, (this.#watchers.get(leaseId) ?? new Set()).add(tell))
    this.#unlisten ??= ledger.listen(entries => this.#tellAll(entries))
    const state = await ledger.refresh()
    const lease = state.leases.get(leaseId)
    if (lease?.token === token && state.movedTo === null && 'lease' in findLease(state, lease.lane, token)) {
      return [...state.halts.live(lease.lastBeatAtMs)].map(([, halt]) => halt).filter(halt => halt.leaseId === leaseId)
    }
    for await (const entries of ledger.store.read(ledger.stream, { from: token as number as Revision })) {
      const about = entries.filter(entry => concerns(entry, leaseId))
      if (about.length > 0) tell(about)
    }
    return []
  }

  unwatch(leaseId: LeaseId, tell: Tell): void {
    const watchers = this.#watchers.get(leaseId)
    watchers?.delete(tell)
    if (watchers?.size === 0) this.#watchers.delete(leaseId)
    if (this.#watchers.size > 0) return
    this.#unlisten?.()
    this.#unlisten = null
  }

  #tellAll(entries: readonly LogEntry[]): void {
    const told = new Map<Tell, LogEntry[]>()
    for (const entry of entries) {
      for (const tell of this.#concernedBy(entry)) {
        const before = told.get(tell)
        if (before === undefined) told.set(tell, [entry])
        else before.push(entry)
      }
    }
    for (const [tell, about] of told) tell(about)
  }

  #concernedBy(entry: LogEntry): Iterable<Tell> {
    if (entry.type === 'CHECKPOINT') return new Set([...this.#watchers.values()].flatMap(tells => [...tells]))
    const leaseId = leaseOf(entry)
    return leaseId === undefined ? [] : (this.#watchers.get(leaseId) ?? [])
  }
}

function concerns(entry: LogEntry, leaseId: LeaseId): boolean {
  return entry.type === 'CHECKPOINT' || leaseOf(entry) === leaseId
}

/** The lease whose holder has to hear of an entry. */
function leaseOf(entry: LogEntry): LeaseId | undefined {
  switch (entry.type) {
    case 'RELEASE':
    case 'ADOPT':
    case 'SCAVENGE':
    case 'HALT':
      return entry.data.leaseId
    case 'ACQUIRE':
    case 'HEARTBEAT':
    case 'SPAWN':
    case 'REFUSE':
    case 'CHECKPOINT':
    case 'UNRECOGNISED':
      return undefined
  }
}
