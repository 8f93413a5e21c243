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
export {
  GLOB_ALTERNATIVES_MAX,
  GLOB_LENGTH_MAX,
  GLOB_NESTING_MAX,
  OVERLAP_PAIRS_MAX,
  OVERLAP_STEPS_MAX,
  REGION_GLOBS_MAX,
  REGION_LENGTH_MAX,
} from './bounds.ts'
