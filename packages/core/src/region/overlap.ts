import { canonical } from './canonical-form.ts'
import { covers } from './covers.ts'
import { compiledRegion, type CompiledRegion, type Region } from './region.ts'
import type { CompiledGlob } from './compiled-glob.ts'
import { searchShared, type Overlap } from './search-shared.ts'

const DISJOINT: Overlap = { overlap: false }
const UNPROVEN: Overlap = { overlap: true, bounded: true }
/** Above this many pairs of globs, the automata are searched at once: they join common beginnings, a loop would not. */
const PAIRS_COMPARED_MAX = 256

/**
 * Decides exactly whether two regions share a path, within `OVERLAP_STEPS_MAX`. Symmetric in its answer, not in its choice of
 * witness. Most pairs end at their leading text; the rest search the product of two automata.
 * @throws TypeError when one region ignores case and the other does not: regions of one ledger agree.
 */
export const overlap = ({ a, b }: { readonly a: Region; readonly b: Region }): Overlap => {
  if (a.caseSensitive !== b.caseSensitive) throw new TypeError('regions of one ledger treat case alike')
  const left = compiledRegion(a)
  const right = compiledRegion(b)
  const found = byLeadingText(left, right) ?? searchShared(left.places, right.places).found
  return isProven(found, a, b) ? found : UNPROVEN
}

/**
 * A mark that a glob has right behind a wildcard may have combined with the letter that was chosen for the wildcard: then
 * the witness is another path by now. That there is a shared one is assumed, which refuses rather than grants twice.
 */
const isProven = (found: Overlap, a: Region, b: Region): boolean => {
  if (a.caseSensitive || !found.overlap || found.witness === undefined) return true
  const { witness } = found
  return canonical(witness) === witness || (covers(a, witness) && covers(b, witness))
}

const byLeadingText = (left: CompiledRegion, right: CompiledRegion): Overlap | undefined => {
  if (left.globs.length * right.globs.length > PAIRS_COMPARED_MAX) return undefined
  let disjoint = true
  for (const one of left.globs) {
    for (const other of right.globs) {
      const found = compareTrees(one, other)
      if (found?.overlap === true) return found
      disjoint &&=
        found !== undefined || !(one.leading.startsWith(other.leading) || other.leading.startsWith(one.leading))
    }
  }
  return disjoint ? DISJOINT : undefined
}

const compareTrees = ({ tree: left }: CompiledGlob, { tree: right }: CompiledGlob): Overlap | undefined => {
  if (left === undefined || right === undefined) return undefined
  if (isWithin(left.folded, right.folded)) return { overlap: true, witness: left.path }
  if (isWithin(right.folded, left.folded)) return { overlap: true, witness: right.path }
  return DISJOINT
}

const isWithin = (path: string, tree: string): boolean =>
  path.startsWith(tree) && (path.length === tree.length || path.charAt(tree.length) === '/')
