import { parseRegion, type Region } from '@holdfast/core'
import { UsageError } from '../program/usage-error.ts'

/** Characters of globs whose regions are kept; past it the cache begins anew. */
const KEPT_LENGTH_MAX = 256 * 1024

/** Reads regions, and keeps what reading them cost: pairs of one fleet name the same regions again and again. */
export class RegionCache {
  readonly #caseSensitive: boolean
  readonly #kept = new Map<string, Region>()
  #keptLength = 0

  constructor({ caseSensitive }: { readonly caseSensitive: boolean }) {
    this.#caseSensitive = caseSensitive
  }

  /** Throws a `UsageError` that names `field` and each glob that cannot be read. */
  region(globs: readonly string[], field: string): Region {
    const key = JSON.stringify(globs)
    const known = this.#kept.get(key)
    if (known !== undefined) return known
    const region = read(globs, field, this.#caseSensitive)
    this.#keep(key, region)
    return region
  }

  #keep(key: string, region: Region): void {
    if (this.#keptLength + key.length > KEPT_LENGTH_MAX) {
      this.#kept.clear()
      this.#keptLength = 0
    }
    if (key.length > KEPT_LENGTH_MAX) return
    this.#kept.set(key, region)
    this.#keptLength += key.length
  }
}

function read(globs: readonly string[], field: string, caseSensitive: boolean): Region {
  const parsed = parseRegion(globs, { caseSensitive })
  if (parsed.ok) return parsed.region
  const problems = parsed.problems.map(
    ({ index, glob, reason, position }) =>
      `${field}.${index}: ${JSON.stringify(glob)}: ${reason} (at character ${position + 1})`,
  )
  throw new UsageError(`${problems.join('; ')}.`)
}
