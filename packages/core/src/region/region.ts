import { buildAutomaton } from './automaton.ts'
import { GLOB_LENGTH_MAX, REGION_GLOBS_MAX, REGION_LENGTH_MAX } from './bounds.ts'
import { canonical, canonicalOrigin } from './canonical-form.ts'
import { foldText } from './fold-case.ts'
import { compileGlob, type CompiledGlob } from './compiled-glob.ts'
import { normalizeGlob } from './normalize-glob.ts'
import { Places } from './place.ts'
import { prefixNode, type PrefixNode } from './prefix-node.ts'

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

/** A problem as a part of a sentence; where it concerns the glob as a whole, no position is told. */
export function regionProblemText({ glob, reason, position }: RegionProblem): string {
  return `${JSON.stringify(glob)}: ${reason}${position === 0 ? '' : ` (at character ${position + 1})`}`
}

export type ParsedRegion =
  | { readonly ok: true; readonly region: Region }
  | { readonly ok: false; readonly problems: readonly RegionProblem[] }

/**
 * Parses the globs of a region, reporting the first problem of each one.
 *
 * Promises that a region covers what picomatch 4.0.7 matches with `{ dot: true, nonegate: true, noextglob: true, posix:
 * true, nocase: !caseSensitive, flags: 's' }`, with `( ) | "` escaped, on paths without empty, `.` or `..` segments; a
 * glob without any of `* ? [ {` covers its path and all below it. Units are UTF-16 units, as in JavaScript without the
 * `u` flag. On purpose it differs from picomatch alone in two things (ADR 0019): `**` takes line ends too (the flag `s`),
 * and where case is ignored, globs and paths are brought to Unicode's normal form C first.
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
    const text = caseSensitive ? normal.text : canonical(normal.text)
    if (text.length > GLOB_LENGTH_MAX) {
      problems.push({ index, glob, reason: `longer than ${GLOB_LENGTH_MAX} characters`, position: 0 })
      continue
    }
    length += text.length
    if (length > REGION_LENGTH_MAX) {
      problems.push({ index, glob, reason: `more than ${REGION_LENGTH_MAX} characters in one region`, position: 0 })
      break
    }
    const understood = compileGlob(text, { caseSensitive })
    if ('reason' in understood) {
      problems.push({
        index,
        glob,
        reason: understood.reason,
        position: normal.originOf(
          text === normal.text ? understood.position : canonicalOrigin(normal.text, understood.position),
        ),
      })
    } else compiled.set(text, understood)
  }
  if (problems.length > 0) return { ok: false, problems }
  const region: Region = { globs: Object.freeze([...compiled.keys()]), caseSensitive }
  Object.defineProperty(region, COMPILED, { value: new CompiledRegion([...compiled.values()], { caseSensitive }) })
  return { ok: true, region: Object.freeze(region) }
}

/**
 * Where a region keeps what it means: a property that no listing, copy or comparison shows, so that a region stays plain
 * data. (In a WeakMap, V8 would keep the meaning of dead regions until a full collection: twice the time of a new region.)
 */
const COMPILED = Symbol('compiled')

/** The understood globs of a region and, once asked for, their automaton and their places in an index. */
export class CompiledRegion {
  readonly globs: readonly CompiledGlob[]
  readonly #caseSensitive: boolean
  #places: Places | undefined
  #prefixNodes: readonly PrefixNode[] | undefined

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

  /** For each glob the node of its literal prefix. */
  get prefixNodes(): readonly PrefixNode[] {
    this.#prefixNodes ??= this.globs.map(({ leadingSegments }) => prefixNode(leadingSegments))
    return this.#prefixNodes
  }
}

/** @throws TypeError for an object that `parseRegion` did not make. */
export const compiledRegion = (region: Region): CompiledRegion => {
  if (COMPILED in region && region[COMPILED] instanceof CompiledRegion) return region[COMPILED]
  throw new TypeError('a region is made by parseRegion')
}

/**
 * For each glob the leading segments that every path it covers begins with, folded when the region ignores case (so only
 * regions and paths folded alike compare): a key for an index. Never longer than what all its paths share; may be shorter.
 * The first segment of an absolute path is `''`.
 */
export const literalPrefixes = (region: Region): readonly (readonly string[])[] =>
  compiledRegion(region).globs.map(({ leadingSegments }) => leadingSegments)

/** The node of a path's own segments: a region that covers the path has its literal prefix there or on the way up. */
export const pathNode = (path: string, { caseSensitive }: { readonly caseSensitive: boolean }): PrefixNode =>
  prefixNode((caseSensitive ? path : foldText(canonical(path))).split('/'))

/** The literal prefixes as nodes of a tree, the same objects each time. */
export const prefixNodes = (region: Region): readonly PrefixNode[] => compiledRegion(region).prefixNodes
