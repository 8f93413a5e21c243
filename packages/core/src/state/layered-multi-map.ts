import { LayeredMap } from './layered-map.ts'

type Members<V> = LayeredMap<V, true>

/** Sets of values by key, branched in O(1) like `LayeredMap`. */
export class LayeredMultiMap<K, V extends {}> {
  readonly #base: LayeredMultiMap<K, V> | null
  readonly #own = new Map<K, Members<V>>()

  constructor(base: LayeredMultiMap<K, V> | null = null) {
    this.#base = base
  }

  fork(): LayeredMultiMap<K, V> {
    return new LayeredMultiMap<K, V>(this)
  }

  count(key: K): number {
    return this.#members(key)?.size ?? 0
  }

  values(key: K): Iterable<V> {
    return this.#members(key)?.keys() ?? []
  }

  add(key: K, value: V): void {
    this.#writable(key).set(value, true)
  }

  delete(key: K, value: V): void {
    const members = this.#writable(key)
    members.delete(value)
    if (members.size === 0 && this.#base === null) this.#own.delete(key)
  }

  #members(key: K): Members<V> | undefined {
    const own = this.#own.get(key)
    return own !== undefined || this.#base === null ? own : this.#base.#members(key)
  }

  #writable(key: K): Members<V> {
    const own = this.#own.get(key)
    if (own !== undefined) return own
    const inherited = this.#members(key)
    const members = inherited === undefined ? new LayeredMap<V, true>() : inherited.fork()
    this.#own.set(key, members)
    return members
  }
}
