import { foldUnit, unfoldUnit } from './fold-case.ts'
import type { Edges, Place } from './place.ts'
import { DOT, hasUnit, intersection, NUL, rangesOf, SLASH, type UnitSet } from './unit-set.ts'

/** Called with each way on that two places share: the unit, how to write it, and where both then are. */
export type Visit = (unit: number, spelled: number, left: Place, right: Place) => void

/** How to choose a unit that stands for a whole set: the letters of either side come first, folded as those are. */
export type Choice = {
  readonly left: readonly number[]
  readonly right: readonly number[]
  readonly caseSensitive: boolean
}

/**
 * Visits every way on that two places share. Two sets may share thousands of units; a slash, a dot and one other unit
 * stand for all of them, because nothing behind the edges tells more apart.
 */
export const visitShared = (left: Edges, right: Edges, choice: Choice, visit: Visit): void => {
  let other = 0
  for (const edge of left.units) {
    while ((right.units[other]?.unit ?? Number.POSITIVE_INFINITY) < edge.unit) other += 1
    const same = right.units[other]
    if (same?.unit === edge.unit) visit(edge.unit, edge.spelled, edge.to, same.to)
    for (const { set, to } of right.sets) if (hasUnit(set, edge.unit)) visit(edge.unit, edge.spelled, edge.to, to)
  }
  for (const { set, to } of left.sets) {
    for (const edge of right.units) if (hasUnit(set, edge.unit)) visit(edge.unit, edge.spelled, to, edge.to)
    for (const facing of right.sets) {
      const unit = anyShared(set, facing.set, choice)
      if (unit !== undefined) visit(unit, choice.caseSensitive ? unit : unfoldUnit(unit), to, facing.to)
      for (const sign of [DOT, SLASH])
        if (hasUnit(set, sign) && hasUnit(facing.set, sign)) visit(sign, sign, to, facing.to)
    }
  }
}

/** How many edges `visitShared` looks at. */
export const sharedCost = (left: Edges, right: Edges): number =>
  left.units.length +
  right.units.length +
  left.sets.length * (right.units.length + right.sets.length) +
  left.units.length * right.sets.length

/** A unit of both sets that is neither slash nor dot (nor NUL, which no path has); a folded one where case is ignored, since only those are read. */
const anyShared = (left: UnitSet, right: UnitSet, choice: Choice): number | undefined => {
  for (const letters of [choice.left, choice.right, choice.caseSensitive ? READABLE : READABLE_FOLDED]) {
    for (const letter of letters) if (hasUnit(left, letter) && hasUnit(right, letter)) return letter
  }
  for (const [from, to] of rangesOf(intersection(left, right))) {
    for (let unit = from; unit <= to; unit += 1) {
      if (unit !== NUL && unit !== SLASH && unit !== DOT && (choice.caseSensitive || foldUnit(unit) === unit))
        return unit
    }
  }
  return undefined
}

const PRINTABLE = Array.from({ length: 0x7f - 0x21 }, (_, at) => 0x21 + at).filter(
  unit => unit !== SLASH && unit !== DOT,
)
const isSmallLetter = (unit: number): boolean => unit >= 0x61 && unit <= 0x7a
/** Units for a witness when neither side has a letter that fits: letters first, then whatever can be read. */
const READABLE = [...PRINTABLE.filter(isSmallLetter), ...PRINTABLE.filter(unit => !isSmallLetter(unit))]
const READABLE_FOLDED = [...new Set(READABLE.map(foldUnit))]
