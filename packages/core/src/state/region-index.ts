import { prefixNodes, type PrefixNode, type Region } from '../region/index.ts'
import { LayeredMultiMap } from './layered-multi-map.ts'

/**
 * Which regions could overlap a given one, by the literal segments that their globs begin with. Two globs can share a
 * path only if one's literal prefix begins with the other's, so a look-up sees the members on the way down to its own
 * prefix and all below it, and nothing elsewhere in the tree.
 */
export class RegionIndex<V extends string> {
  /** Members by exactly their prefix. */
  readonly #at: LayeredMultiMap<string, V>
  /** Nodes one segment below a node that have members, or nodes below them that do. */
  readonly #below: LayeredMultiMap<string, string>

  constructor(
    at: LayeredMultiMap<string, V> = new LayeredMultiMap(),
    below: LayeredMultiMap<string, string> = new LayeredMultiMap(),
  ) {
    this.#at = at
    this.#below = below
  }

  fork(): RegionIndex<V> {
    return new RegionIndex<V>(this.#at.fork(), this.#below.fork())
  }

  add(region: Region, member: V): void {
    for (const end of prefixNodes(region)) {
      this.#at.add(end.name, member)
      for (let node = end; node.parent !== null; node = node.parent) {
        if (this.#below.has(node.parent.name, node.name)) break
        this.#below.add(node.parent.name, node.name)
      }
    }
  }

  delete(region: Region, member: V): void {
    for (const end of prefixNodes(region)) {
      this.#at.delete(end.name, member)
      for (let node = end; node.parent !== null; node = node.parent) {
        if (this.#at.count(node.name) > 0 || this.#below.count(node.name) > 0) break
        this.#below.delete(node.parent.name, node.name)
      }
    }
  }

  /** Every member whose region could cover the path of this node (see `pathNode`); may give one twice, never misses one. */
  *containing(path: PrefixNode): IterableIterator<V> {
    for (let node: PrefixNode | null = path; node !== null; node = node.parent) yield* this.#at.values(node.name)
  }

  /** Every member whose region could overlap; may give one twice, never misses one. */
  *candidates(region: Region): IterableIterator<V> {
    for (const end of prefixNodes(region)) {
      for (let node: PrefixNode | null = end; node !== null; node = node.parent) yield* this.#at.values(node.name)
      const open = [...this.#below.values(end.name)]
      for (let node = open.pop(); node !== undefined; node = open.pop()) {
        yield* this.#at.values(node)
        for (const child of this.#below.values(node)) open.push(child)
      }
    }
  }
}
