import { canonical } from './canonical-form.ts'
import { closure } from './closure.ts'
import { foldText } from './fold-case.ts'
import type { Situation } from './obligation.ts'
import { isRegionPath } from './path-shape.ts'
import { compiledRegion, type Region } from './region.ts'
import { hasUnit } from './unit-set.ts'

/**
 * Whether a region covers a path. Exact, in time proportional to the path times the region's globs.
 * Where case is ignored, the forms that Unicode has for one name (`é` as one character or as two) are one path.
 * A path with an empty, `.` or `..` segment or a trailing slash is covered by no region: normalise it first.
 */
export const covers = (region: Region, path: string): boolean => {
  if (!isRegionPath(path)) return false
  const { globs, places } = compiledRegion(region)
  const folded = region.caseSensitive ? path : foldText(canonical(path))
  if (globs.every(({ leading }) => !folded.startsWith(leading))) return false
  const { automaton } = places
  let situations: ReadonlySet<Situation> = new Set([automaton.entry])
  for (let at = 0; at < folded.length && situations.size > 0; at += 1) {
    const unit = folded.charCodeAt(at)
    const { takings } = closure(automaton.states, situations)
    situations = new Set(takings.filter(({ set }) => hasUnit(set, unit)).map(({ situation }) => situation))
  }
  return closure(automaton.states, situations).accepts
}
