export { canonical } from './canonical-form.ts'
export { covers } from './covers.ts'
export { escapeGlob, pathFault } from './escape-glob.ts'
export { overlap } from './overlap.ts'
export type { PrefixNode } from './prefix-node.ts'
export { RegionReader } from './region-reader.ts'
export {
  literalPrefixes,
  parseRegion,
  regionProblemText,
  pathNode,
  prefixNodes,
  type ParsedRegion,
  type Region,
  type RegionProblem,
} from './region.ts'
export type { Overlap } from './search-shared.ts'
