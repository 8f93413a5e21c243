import { LayeredMap } from './layered-map.ts'

export interface Expiring {
  /** From this instant on the log clock the entry counts as absent. */
  readonly untilMs: number
  /** Until when the entry is remembered nevertheless, for those who cannot count on that clock alone. */
  readonly keptUntilMs?: number | undefined
}

/** Below this size nothing is swept. */
const SWEEP_SIZE_MIN = 64

/**
 * Entries that end by themselves. Reading takes the time and never shows an ended one; the memory of ended ones is
 * given back by a sweep whenever the map has doubled, so a write costs O(1) amortised.
 */
export class ExpiringMap<K, V extends Expiring> {
  readonly #map: LayeredMap<K, V>
  #sweepAt: number

  constructor(map: LayeredMap<K, V> = new LayeredMap(), sweepAt: number = SWEEP_SIZE_MIN) {
    this.#map = map
    this.#sweepAt = sweepAt
  }

  fork(): ExpiringMap<K, V> {
    return new ExpiringMap<K, V>(this.#map.fork(), Number.POSITIVE_INFINITY)
  }

  get(key: K, nowMs: number): V | undefined {
    const value = this.#map.get(key)
    return value === undefined || value.untilMs <= nowMs ? undefined : value
  }

  /** As `get`, an entry included that has ended and is still remembered. */
  getKept(key: K, nowMs: number): V | undefined {
    const value = this.#map.get(key)
    return value === undefined || forgottenAtMs(value) <= nowMs ? undefined : value
  }

  /** Adds or replaces; an entry that is not to be remembered at `nowMs` any more is not kept. */
  set(key: K, value: V, nowMs: number): void {
    if (forgottenAtMs(value) <= nowMs) {
      this.#map.delete(key)
      return
    }
    this.#map.set(key, value)
    if (this.#map.size >= this.#sweepAt) this.#sweep(nowMs)
  }

  delete(key: K): void {
    this.#map.delete(key)
  }

  *live(nowMs: number): IterableIterator<[K, V]> {
    for (const entry of this.#map.entries()) {
      if (entry[1].untilMs > nowMs) yield entry
    }
  }

  /** As `live`, entries included that have ended and are still remembered. */
  *kept(nowMs: number): IterableIterator<[K, V]> {
    for (const entry of this.#map.entries()) {
      if (forgottenAtMs(entry[1]) > nowMs) yield entry
    }
  }

  /** How many entries are held, ended ones that await the next sweep included: for tests of boundedness. */
  get keptCount(): number {
    return this.#map.size
  }

  #sweep(nowMs: number): void {
    for (const [key, value] of this.#map.entries()) {
      if (forgottenAtMs(value) <= nowMs) this.#map.delete(key)
    }
    this.#sweepAt = Math.max(SWEEP_SIZE_MIN, this.#map.size * 2)
  }
}

function forgottenAtMs({ untilMs, keptUntilMs = untilMs }: Expiring): number {
  return keptUntilMs
}
