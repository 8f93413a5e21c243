import { literalPrefixes, type Region } from '../region/index.ts'
import { LayeredMultiMap } from './layered-multi-map.ts'

/** Segments of a literal prefix that the index tells apart; deeper ones share a node. */
const DEPTH_MAX = 8

const SEPARATOR = '/'

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
    for (const end of prefixEnds(region)) {
      this.#at.add(end.name, member)
      for (let node = end; node.parent !== null; node = node.parent) {
        if (this.#below.has(node.parent.name, node.name)) break
        this.#below.add(node.parent.name, node.name)
      }
    }
  }

  delete(region: Region, member: V): void {
    for (const end of prefixEnds(region)) {
      this.#at.delete(end.name, member)
      for (let node = end; node.parent !== null; node = node.parent) {
        if (this.#at.count(node.name) > 0 || this.#below.count(node.name) > 0) break
        this.#below.delete(node.parent.name, node.name)
      }
    }
  }

  /** Every member whose region could overlap; may give one twice, never misses one. */
  *candidates(region: Region): IterableIterator<V> {
    for (const end of prefixEnds(region)) {
      for (let node: Node | null = end; node !== null; node = node.parent) yield* this.#at.values(node.name)
      const open = [...this.#below.values(end.name)]
      for (let node = open.pop(); node !== undefined; node = open.pop()) {
        yield* this.#at.values(node)
        for (const child of this.#below.values(node)) open.push(child)
      }
    }
  }
}

/** A literal prefix and the way up from it to the root, which has none. */
interface Node {
  readonly name: string
  readonly parent: Node | null
}

const ROOT: Node = { name: '', parent: null }

/** Nodes are found again by the same strings, whose hashes are known: a lease comes and goes with one region. */
const endsOf = new WeakMap<Region, readonly Node[]>()

/** For each glob the node of its literal prefix. */
function prefixEnds(region: Region): readonly Node[] {
  const ends = endsOf.get(region) ?? literalPrefixes(region).map(endOf)
  endsOf.set(region, ends)
  return ends
}

function endOf(segments: readonly string[]): Node {
  let node = ROOT
  for (const segment of segments.slice(0, DEPTH_MAX)) node = { name: node.name + SEPARATOR + segment, parent: node }
  return node
}
