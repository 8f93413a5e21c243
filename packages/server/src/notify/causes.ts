import { isExpired, type Lease, type LedgerState, type LogEntry } from '@holdfast/core'
import { haltViews } from '@holdfast/projections/internal'
import * as z from 'zod'
import type { Cause } from './cause.ts'
import { conditionsOf, expiry, keyOf, Open, overdue, type Condition, type Sight } from './conditions.ts'
import { lossOf, tokenIn, type LeaseEntry } from './lease-loss.ts'
import { RefusalChain, Refusals } from './refusals.ts'
import type { PlainKind } from './rules.ts'

/** Looks in a row that must see a verdict before it counts: one probe can be wrong, as everywhere here. */
export const LOOKS_IN_A_ROW = 2

/** What has to be kept so that nothing is told twice. Bounded by what is live, and by the bound of the chains. */
export const CauseMemory = z.object({
  open: z.array(z.tuple([z.string(), Open])),
  chains: z.array(z.tuple([z.string(), RefusalChain])),
  /** How many causes looks have begun. */
  spells: z.int().nonnegative(),
})
export type CauseMemory = z.infer<typeof CauseMemory>

export const NO_MEMORY: CauseMemory = { open: [], chains: [], spells: 0 }

export interface CauseSettings {
  readonly haltOverdueMs: number
  /** The spans of `refused-for` that rules ask for. */
  readonly refusedForMs: readonly number[]
}

/**
 * What there is to be told about a ledger: a fold over its entries, and looks in between. Pure: the same entries and looks
 * give the same causes.
 *
 * Each cause is given once. A thing that lasts is open from then until it is over, and what comes again after that is a new
 * cause. `expired`, `halt-overdue`, `refused-for` and `lease-lost` follow from the log alone: they are found by the entries
 * even if nobody looked in time. `spinning`, `stalled` and `orphan` are what two looks in a row have seen; the log closes
 * a silence at the next beat, and a look closes the rest. What cannot be told leaves everything as it is.
 *
 * Whoever folds on from a `memory` and the revision that it was taken at is given nothing twice and misses nothing.
 */
export class Causes {
  readonly #settings: CauseSettings
  readonly #open: Map<string, Open>
  readonly #refusals: Refusals
  /** Looks in a row that saw what is not open yet, and since when. */
  readonly #seen = new Map<string, Open & { readonly times: number }>()

  #changes = 0
  #spells: number

  constructor(settings: CauseSettings, { open, chains, spells }: CauseMemory = NO_MEMORY) {
    this.#settings = settings
    this.#spells = spells
    this.#open = new Map(open)
    this.#refusals = new Refusals(settings.refusedForMs, chains)
  }

  /** Grows whenever something lasting has begun or ended: the memory that is kept is then out of date. */
  get changes(): number {
    return this.#changes
  }

  get memory(): CauseMemory {
    const chains = this.#refusals.chains.map(([key, chain]): [string, RefusalChain] => [key, { ...chain }])
    return { open: [...this.#open], chains, spells: this.#spells }
  }

  /** What the next entry shows. `state` is that before it. */
  entry(state: LedgerState, entry: LogEntry): readonly Cause[] {
    switch (entry.type) {
      case 'REFUSE':
        return this.#refusals.refused(entry.data, { revision: entry.revision, atMs: entry.recordedAt })
      case 'ACQUIRE':
        return this.#refusals.granted(entry.data.holder, entry.data.lane, entry.recordedAt)
      case 'HEARTBEAT':
      case 'RELEASE':
      case 'ADOPT':
      case 'SCAVENGE':
        return this.#ofLease(state, entry)
      case 'HALT':
      case 'SPAWN':
      case 'CHECKPOINT':
      case 'UNRECOGNISED':
        return []
    }
  }

  /** What is so now and was not told. */
  look(sight: Sight): readonly Cause[] {
    const told: Cause[] = []
    const current = new Set<string>()
    for (const condition of conditionsOf(sight, key => this.#open.get(key))) {
      current.add(condition.key)
      told.push(...(condition.byLooks ? this.#seeAgain(condition, sight.nowMs) : this.#begin(condition)))
    }
    for (const key of [...this.#open.keys(), ...this.#seen.keys()]) if (!current.has(key)) this.#forget(key)
    return [...told, ...this.#refusals.look(sight.nowMs)]
  }

  #ofLease(state: LedgerState, entry: LeaseEntry): Cause[] {
    const lease = state.leases.get(entry.data.leaseId)
    if (lease === undefined || lease.token !== tokenIn(entry)) return []
    const told: Cause[] = []
    if (isExpired(lease, entry.recordedAt)) told.push(...this.#begin(expiry(lease)))
    if (entry.type === 'HEARTBEAT') {
      this.#close(lease, ['expired'])
      const silence = keyOf('stalled', lease)
      const known = this.#open.get(silence) ?? this.#seen.get(silence)
      if (known?.byLog === true) this.#forget(silence)
      return told
    }
    const { haltOverdueMs } = this.#settings
    for (const halt of haltViews(state, entry.recordedAt, haltOverdueMs)) {
      if (halt.leaseId === lease.leaseId && halt.status === 'overdue') told.push(...this.#begin(overdue(halt, lease)))
    }
    this.#close(lease, ['expired', 'stalled', 'spinning', 'orphan'])
    return [...told, ...lossOf(lease, entry)]
  }

  #begin({ key, truth, byLog, cause }: Condition): Cause[] {
    if (truth !== 'yes' || this.#open.has(key)) return []
    this.#open.set(key, { sinceMs: cause.sinceMs, byLog })
    this.#seen.delete(key)
    this.#changes += 1
    return [cause]
  }

  /** Begins what enough looks have seen, as of the first of them. */
  #seeAgain(condition: Condition, nowMs: number): Cause[] {
    const { key, truth, byLog } = condition
    if (truth === 'unknown' || this.#open.has(key)) return []
    const before = this.#seen.get(key) ?? { times: 0, sinceMs: nowMs }
    const seen = { ...before, byLog, times: before.times + 1 }
    this.#seen.set(key, seen)
    if (seen.times < LOOKS_IN_A_ROW) return []
    this.#spells += 1
    return this.#begin({ ...condition, cause: { ...condition.cause, sinceMs: seen.sinceMs, spell: this.#spells } })
  }

  #close(lease: Pick<Lease, 'leaseId' | 'token'>, kinds: readonly PlainKind[]): void {
    for (const kind of kinds) this.#forget(keyOf(kind, lease))
  }

  #forget(key: string): void {
    this.#seen.delete(key)
    if (this.#open.delete(key)) this.#changes += 1
  }
}
