import { literalPrefixes, type Region } from '../region/index.ts'
import { LayeredMultiMap } from './layered-multi-map.ts'

/** Segments of a literal prefix that the index tells apart; deeper ones share a node. */
const DEPTH_MAX = 8

const SEPARATOR = '/'
const ROOT = ''

/**
 * Which regions could overlap a given one, by the literal segments that their globs begin with. Two globs can share a
 * path only if one's literal prefix begins with the other's, so a look-up sees the members on the way down to its own
 * prefix and all below it, and nothing elsewhere in the tree.
 */
export class RegionIndex<V extends {}> {
  /** Members by exactly their prefix. */
  readonly #at: LayeredMultiMap<string, V>
  /** Members by every proper ancestor of their prefix. */
  readonly #below: LayeredMultiMap<string, V>

  constructor(
    at: LayeredMultiMap<string, V> = new LayeredMultiMap(),
    below: LayeredMultiMap<string, V> = new LayeredMultiMap(),
  ) {
    this.#at = at
    this.#below = below
  }

  fork(): RegionIndex<V> {
    return new RegionIndex<V>(this.#at.fork(), this.#below.fork())
  }

  add(region: Region, member: V): void {
    for (const path of prefixPaths(region)) {
      this.#at.add(last(path), member)
      for (const ancestor of path.slice(0, -1)) this.#below.add(ancestor, member)
    }
  }

  delete(region: Region, member: V): void {
    for (const path of prefixPaths(region)) {
      this.#at.delete(last(path), member)
      for (const ancestor of path.slice(0, -1)) this.#below.delete(ancestor, member)
    }
  }

  /** Every member whose region could overlap; may give one twice, never misses one. */
  *candidates(region: Region): IterableIterator<V> {
    for (const path of prefixPaths(region)) {
      for (const node of path) yield* this.#at.values(node)
      yield* this.#below.values(last(path))
    }
  }
}

/** For each glob the nodes from the root down to its literal prefix. */
function prefixPaths(region: Region): readonly (readonly string[])[] {
  return literalPrefixes(region).map(segments => {
    const nodes: string[] = [ROOT]
    let node = ROOT
    for (const segment of segments.slice(0, DEPTH_MAX)) {
      node = node + SEPARATOR + segment
      nodes.push(node)
    }
    return nodes
  })
}

function last(path: readonly string[]): string {
  return path[path.length - 1] ?? ROOT
}
