import { foldUnit, unfoldUnit } from './fold-case.ts'
import type { Edges, Place } from './place.ts'
import { DOT, hasUnit, intersection, rangesOf, SLASH, type UnitSet } from './unit-set.ts'

/** Called with each way on that two places share: the unit, how to write it, and where both then are. */
export type Visit = (unit: number, spelled: number, left: Place, right: Place) => void

/** How to choose a unit that stands for a whole set: `letters` are folded and come first. */
export type Choice = { readonly letters: readonly number[]; readonly caseSensitive: boolean }

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

/** A unit of both sets that is neither slash nor dot; a folded one where case is ignored, since only those are read. */
const anyShared = (left: UnitSet, right: UnitSet, { letters, caseSensitive }: Choice): number | undefined => {
  for (const letter of letters) if (hasUnit(left, letter) && hasUnit(right, letter)) return letter
  for (const [from, to] of rangesOf(intersection(left, right))) {
    for (let unit = from; unit <= to; unit += 1) {
      if (unit !== SLASH && unit !== DOT && (caseSensitive || foldUnit(unit) === unit)) return unit
    }
  }
  return undefined
}
