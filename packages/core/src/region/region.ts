import { buildAutomaton } from './automaton.ts'
import { REGION_GLOBS_MAX, REGION_LENGTH_MAX } from './bounds.ts'
import { compileGlob, type CompiledGlob } from './compiled-glob.ts'
import { normalizeGlob } from './normalize-glob.ts'
import { Places } from './place.ts'

/**
 * A set of paths, given by globs. `globs` are normalised, without repeats, in the order given: the form for the log, and
 * parsing it again gives the same region. A region of no globs covers nothing. Made by `parseRegion` only.
 */
export type Region = { readonly globs: readonly string[]; readonly caseSensitive: boolean }

/** What is wrong with the glob at `index`; `position` counts UTF-16 units of that glob as given. */
export type RegionProblem = {
  readonly index: number
  readonly glob: string
  readonly reason: string
  readonly position: number
}

export type ParsedRegion =
  | { readonly ok: true; readonly region: Region }
  | { readonly ok: false; readonly problems: readonly RegionProblem[] }

/**
 * Parses the globs of a region, reporting the first problem of each one.
 *
 * Promises that a region covers what picomatch 4.0.7 matches with `{ dot: true, nonegate: true, noextglob: true, posix:
 * true, nocase: !caseSensitive }`, with `( ) | "` escaped, on paths without empty, `.` or `..` segments; a glob without
 * any of `* ? [ {` covers its path and all below it. Units are UTF-16 units, as in JavaScript without the `u` flag.
 *
 * Not valid: an empty glob, `..`, NUL, a class with a slash in it, `{1..3}`, bounds exceeded (see `bounds.ts`), and what
 * picomatch cannot compile and would silently match to nothing: a brace that never closes, a class range that runs
 * backwards, a `+` behind an opening brace, `[]` and `[!]` that never close, a POSIX name not closed by `:]`.
 */
export const parseRegion = (
  globs: readonly string[],
  { caseSensitive }: { readonly caseSensitive: boolean },
): ParsedRegion => {
  const problems: RegionProblem[] = []
  const compiled = new Map<string, CompiledGlob>()
  let length = 0
  for (const [index, glob] of globs.entries()) {
    if (index === REGION_GLOBS_MAX) {
      problems.push({ index, glob, reason: `more than ${REGION_GLOBS_MAX} globs in one region`, position: 0 })
      break
    }
    const normal = normalizeGlob(glob)
    if ('reason' in normal) {
      problems.push({ index, glob, ...normal })
      continue
    }
    length += normal.text.length
    if (length > REGION_LENGTH_MAX) {
      problems.push({ index, glob, reason: `more than ${REGION_LENGTH_MAX} characters in one region`, position: 0 })
      break
    }
    const understood = compileGlob(normal.text, { caseSensitive })
    if ('reason' in understood) {
      problems.push({
        index,
        glob,
        reason: understood.reason,
        // Faults stand inside the text; the type of a list does not say so.
        position: normal.origins[understood.position] ?? glob.length,
      })
    } else compiled.set(normal.text, understood)
  }
  if (problems.length > 0) return { ok: false, problems }
  const region: Region = Object.freeze({ globs: Object.freeze([...compiled.keys()]), caseSensitive })
  compiledRegions.set(region, new CompiledRegion([...compiled.values()], { caseSensitive }))
  return { ok: true, region }
}

/** The understood globs of a region and, once asked for, their automaton. */
export class CompiledRegion {
  readonly globs: readonly CompiledGlob[]
  readonly #caseSensitive: boolean
  #places: Places | undefined

  constructor(globs: readonly CompiledGlob[], { caseSensitive }: { readonly caseSensitive: boolean }) {
    this.globs = globs
    this.#caseSensitive = caseSensitive
  }

  get places(): Places {
    this.#places ??= new Places(
      buildAutomaton(
        this.globs.flatMap(({ expressions }) => expressions),
        { caseSensitive: this.#caseSensitive },
      ),
    )
    return this.#places
  }
}

/** Beside the regions, so that a region stays plain data; an entry goes when its region does. */
const compiledRegions = new WeakMap<Region, CompiledRegion>()

/** @throws TypeError for an object that `parseRegion` did not make. */
export const compiledRegion = (region: Region): CompiledRegion => {
  const compiled = compiledRegions.get(region)
  if (compiled === undefined) throw new TypeError('a region is made by parseRegion')
  return compiled
}

/**
 * For each glob the leading segments that every path it covers begins with, folded when the region ignores case (so only
 * regions and paths folded alike compare): a key for an index. Never longer than what all its paths share; may be shorter.
 * The first segment of an absolute path is `''`.
 */
export const literalPrefixes = (region: Region): readonly (readonly string[])[] =>
  compiledRegion(region).globs.map(({ leadingSegments }) => leadingSegments)
