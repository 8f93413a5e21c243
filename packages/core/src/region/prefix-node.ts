/** A literal prefix, as a place in the tree of all segments, and the way up from it to the root, which has none. */
export type PrefixNode = {
  /** Its segments, each behind a slash; so the root is `''`, and the empty first segment of an absolute path is `/`. */
  readonly name: string
  readonly parent: PrefixNode | null
}

/** Segments of a literal prefix that are told apart; deeper ones share a node. */
const DEPTH_MAX = 8

const SEPARATOR = '/'
const ROOT: PrefixNode = { name: '', parent: null }

/** The node of a prefix given by its segments. */
export const prefixNode = (segments: readonly string[]): PrefixNode => {
  let node = ROOT
  for (const segment of segments.slice(0, DEPTH_MAX)) node = { name: node.name + SEPARATOR + segment, parent: node }
  return node
}
