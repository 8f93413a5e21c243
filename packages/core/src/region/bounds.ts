/** Most UTF-16 units in one glob as given. */
export const GLOB_LENGTH_MAX = 16_384
/** Most commas that separate alternatives in one glob, over all its braces. */
export const GLOB_ALTERNATIVES_MAX = 4_096
/** Deepest nesting of braces in one glob. */
export const GLOB_NESTING_MAX = 32
/** Most globs in one region. */
export const REGION_GLOBS_MAX = 1_024
/** Most UTF-16 units in all globs of one region together. */
export const REGION_LENGTH_MAX = 65_536
/**
 * Most steps of one overlap decision; past it the answer is "overlap" with `bounded: true`.
 * A step is one edge of an automaton that the search looks at, whether it was cached or not: the same question
 * always gets the same answer, on a fast machine and on a slow one.
 */
export const OVERLAP_STEPS_MAX = 1_000_000
/** Most pairs of places that one overlap decision keeps, so that memory is bounded as well as time. */
export const OVERLAP_PAIRS_MAX = 200_000
/** Most characters of globs that are kept compiled, for later regions with the same ones (see `DoorkeeperCache`). */
export const GLOB_CACHE_LENGTH_MAX = 524_288
/** Most characters of globs whose regions a `RegionReader` keeps. */
export const REGION_CACHE_LENGTH_MAX = 524_288
/** Most edges that one region's automaton keeps between decisions. */
export const REGION_EDGES_KEPT_MAX = 65_536
