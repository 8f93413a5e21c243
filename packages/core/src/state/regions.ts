import { overlap, parseRegion, type Region } from '../region/index.ts'

/** Compiled regions kept; past it the oldest half is forgotten. */
const CACHE_MAX = 20_000

const NUL = '\0'

const caches = { sensitive: new Map<string, Region>(), folded: new Map<string, Region>() }

/**
 * The compiled form of globs that stand in the log. Globs that this code cannot read (an import, a newer program)
 * count as covering everything: the safe direction is to refuse.
 */
export function regionOf(globs: readonly string[], caseSensitive: boolean): Region {
  const cache = caseSensitive ? caches.sensitive : caches.folded
  const key = cacheKey(globs)
  const known = cache.get(key)
  if (known !== undefined) return known
  const region = parseOrEverything(globs, caseSensitive)
  if (cache.size >= CACHE_MAX) forgetOldest(cache)
  cache.set(key, region)
  return region
}

/** A path that both cover, `''` when one exists but none was found within bounds, or `null` when there is none. */
export function sharedPath(a: Region, b: Region): string | null {
  const answer = overlap({ a, b })
  return answer.overlap ? (answer.witness ?? '') : null
}

/** A path may hold any character but NUL, so only NUL tells lists of globs apart; what never parses shares one key. */
function cacheKey(globs: readonly string[]): string {
  return globs.some(glob => glob === '' || glob.includes(NUL)) ? NUL : globs.join(NUL)
}

function parseOrEverything(globs: readonly string[], caseSensitive: boolean): Region {
  const parsed = parseRegion(globs, { caseSensitive })
  if (parsed.ok) return parsed.region
  const everything = parseRegion(['**'], { caseSensitive })
  // No glob is left to fall back on.
  if (!everything.ok) throw new Error('the glob ** must parse')
  return everything.region
}

function forgetOldest(cache: Map<string, Region>): void {
  for (const key of [...cache.keys()].slice(0, CACHE_MAX / 2)) cache.delete(key)
}
