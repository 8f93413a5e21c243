import { REGION_CACHE_LENGTH_MAX } from './bounds.ts'
import { parseRegion, type ParsedRegion, type Region } from './region.ts'
import { DoorkeeperCache } from './doorkeeper-cache.ts'

/**
 * `parseRegion` for a program that meets the same regions again and again: what was read twice is kept, with the automata
 * that decisions made of it. Bounded by `REGION_CACHE_LENGTH_MAX`.
 */
export class RegionReader {
  readonly #caseSensitive: boolean
  readonly #kept = new DoorkeeperCache<Region>({ lengthMax: REGION_CACHE_LENGTH_MAX })

  constructor({ caseSensitive }: { readonly caseSensitive: boolean }) {
    this.#caseSensitive = caseSensitive
  }

  /** As `parseRegion`; what is not valid is never kept. */
  read(globs: readonly string[]): ParsedRegion {
    const key = JSON.stringify(globs)
    const known = this.#kept.get(key)
    if (known !== undefined) return { ok: true, region: known }
    const parsed = parseRegion(globs, { caseSensitive: this.#caseSensitive })
    if (parsed.ok) this.#kept.offer(key, parsed.region)
    return parsed
  }
}
