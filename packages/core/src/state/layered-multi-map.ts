import { LayeredMap } from './layered-map.ts'

/** The values of one key: a single one as it is, which is the common case and costs no set. */
type Members<V> = V | LayeredMap<V, true>

/** Sets of strings by key, branched in O(1) like `LayeredMap`. */
export class LayeredMultiMap<K, V extends string> {
  readonly #base: LayeredMultiMap<K, V> | null
  readonly #own = new Map<K, Members<V>>()

  constructor(base: LayeredMultiMap<K, V> | null = null) {
    this.#base = base
  }

  fork(): LayeredMultiMap<K, V> {
    return new LayeredMultiMap<K, V>(this)
  }

  count(key: K): number {
    const members = this.#members(key)
    if (members === undefined) return 0
    return isOne(members) ? 1 : members.size
  }

  has(key: K, value: V): boolean {
    const members = this.#members(key)
    if (members === undefined) return false
    return isOne(members) ? members === value : members.has(value)
  }

  values(key: K): Iterable<V> {
    const members = this.#members(key)
    if (members === undefined) return []
    return isOne(members) ? [members] : members.keys()
  }

  add(key: K, value: V): void {
    const members = this.#members(key)
    if (members === undefined || (!isOne(members) && members.size === 0)) this.#own.set(key, value)
    else if (!isOne(members)) this.#writable(key, members).set(value, true)
    else if (members !== value) {
      const both = new LayeredMap<V, true>()
      both.set(members, true)
      both.set(value, true)
      this.#own.set(key, both)
    }
  }

  delete(key: K, value: V): void {
    const members = this.#members(key)
    if (members === undefined) return
    if (isOne(members)) {
      if (members === value) this.#forget(key)
      return
    }
    const own = this.#writable(key, members)
    own.delete(value)
    if (own.size === 0) this.#forget(key)
  }

  #members(key: K): Members<V> | undefined {
    const own = this.#own.get(key)
    return own !== undefined || this.#base === null ? own : this.#base.#members(key)
  }

  #writable(key: K, members: LayeredMap<V, true>): LayeredMap<V, true> {
    if (this.#own.has(key)) return members
    const own = members.fork()
    this.#own.set(key, own)
    return own
  }

  /** A branch has to remember that the key of its base has no values any more. */
  #forget(key: K): void {
    if (this.#base === null) this.#own.delete(key)
    else this.#own.set(key, new LayeredMap<V, true>())
  }
}

function isOne<V extends string>(members: Members<V>): members is V {
  return typeof members === 'string'
}
