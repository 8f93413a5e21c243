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
    for (const path of prefixPaths(region)) {
      this.#at.add(last(path), member)
      for (const { parent, node } of upwards(path)) {
        if (this.#below.has(parent, node)) break
        this.#below.add(parent, node)
      }
    }
  }

  delete(region: Region, member: V): void {
    for (const path of prefixPaths(region)) {
      this.#at.delete(last(path), member)
      for (const { parent, node } of upwards(path)) {
        if (this.#at.count(node) > 0 || this.#below.count(node) > 0) break
        this.#below.delete(parent, node)
      }
    }
  }

  /** Every member whose region could overlap; may give one twice, never misses one. */
  *candidates(region: Region): IterableIterator<V> {
    for (const path of prefixPaths(region)) {
      for (const node of path) yield* this.#at.values(node)
      const open = [...this.#below.values(last(path))]
      for (let node = open.pop(); node !== undefined; node = open.pop()) {
        yield* this.#at.values(node)
        for (const child of this.#below.values(node)) open.push(child)
      }
    }
  }
}

type Path = readonly string[]

/** Nodes are found again by the same strings, whose hashes are known: a lease comes and goes with one region. */
const pathsOf = new WeakMap<Region, readonly Path[]>()

/** For each glob the nodes from the root down to its literal prefix. */
function prefixPaths(region: Region): readonly Path[] {
  const paths = pathsOf.get(region) ?? pathsFromRoot(region)
  pathsOf.set(region, paths)
  return paths
}

function pathsFromRoot(region: Region): readonly Path[] {
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

function* upwards(path: Path): IterableIterator<{ readonly parent: string; readonly node: string }> {
  for (let depth = path.length - 1; depth > 0; depth -= 1) {
    const node = path[depth]
    const parent = path[depth - 1]
    if (node !== undefined && parent !== undefined) yield { parent, node }
  }
}

function last(path: Path): string {
  return path[path.length - 1] ?? ROOT
}
