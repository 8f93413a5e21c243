/**
 * A map that can be branched in O(1): a fork reads through to its base and keeps its own changes, so that a decision
 * can be tried out and thrown away. The base must not change while a fork of it is in use. Iteration order is no
 * promise; whoever needs an order sorts by a key.
 */
export class LayeredMap<K, V> {
  readonly #base: LayeredMap<K, V> | null
  readonly #own = new Map<K, V>()
  /** Keys of the base that are deleted here; most branches delete nothing. */
  #hidden: Set<K> | null = null
  #size: number

  constructor(base: LayeredMap<K, V> | null = null) {
    this.#base = base
    this.#size = base === null ? 0 : base.size
  }

  get size(): number {
    return this.#size
  }

  fork(): LayeredMap<K, V> {
    return new LayeredMap<K, V>(this)
  }

  get(key: K): V | undefined {
    const own = this.#own.get(key)
    if (own !== undefined || this.#base === null) return own
    return this.#hidden?.has(key) === true ? undefined : this.#base.get(key)
  }

  has(key: K): boolean {
    return this.get(key) !== undefined
  }

  /** `undefined` is no value here: it stands for absence. */
  set(key: K, value: V & {}): void {
    if (this.#base === null) {
      this.#own.set(key, value)
      this.#size = this.#own.size
      return
    }
    if (!this.has(key)) this.#size += 1
    this.#own.set(key, value)
  }

  delete(key: K): boolean {
    if (this.#base === null) {
      const deleted = this.#own.delete(key)
      this.#size = this.#own.size
      return deleted
    }
    if (!this.has(key)) return false
    this.#own.delete(key)
    if (this.#base.has(key)) (this.#hidden ??= new Set()).add(key)
    this.#size -= 1
    return true
  }

  entries(): IterableIterator<[K, V]> {
    return this.#base === null ? this.#own.entries() : this.#merged(this.#base)
  }

  *keys(): IterableIterator<K> {
    for (const [key] of this.entries()) yield key
  }

  values(): IterableIterator<V> {
    return this.#base === null ? this.#own.values() : this.#mergedValues(this.#base)
  }

  *#mergedValues(base: LayeredMap<K, V>): IterableIterator<V> {
    for (const [, value] of this.#merged(base)) yield value
  }

  *#merged(base: LayeredMap<K, V>): IterableIterator<[K, V]> {
    for (const entry of base.entries()) {
      if (!this.#own.has(entry[0]) && this.#hidden?.has(entry[0]) !== true) yield entry
    }
    yield* this.#own
  }
}
