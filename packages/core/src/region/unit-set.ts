import { foldingUnits, foldUnit } from './fold-case.ts'

const LAST_UNIT = 0xff_ff

/** A set of UTF-16 units as ascending, disjoint, non-adjacent, inclusive ranges: [from, to, from, to, …]. */
export type UnitSet = readonly number[]

/** A set from ranges in any order. */
export const unitSet = (ranges: readonly (readonly [from: number, to: number])[]): UnitSet => {
  const merged: number[] = []
  for (const [from, to] of [...ranges].sort((left, right) => left[0] - right[0])) {
    const last = merged.at(-1)
    if (last !== undefined && from <= last + 1) merged[merged.length - 1] = Math.max(last, to)
    else merged.push(from, to)
  }
  return merged
}

/** The set that holds exactly `unit`. */
export const singleUnit = (unit: number): UnitSet => [unit, unit]

/** The ranges of a set, as pairs. */
export const rangesOf = (set: UnitSet): (readonly [from: number, to: number])[] => {
  const ranges: (readonly [number, number])[] = []
  let from: number | undefined
  for (const bound of set) {
    if (from !== undefined) ranges.push([from, bound])
    from = from === undefined ? bound : undefined
  }
  return ranges
}

export const hasUnit = (set: UnitSet, unit: number): boolean => {
  let low = 0
  let high = set.length / 2 - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const from = set[middle * 2]
    const to = set[middle * 2 + 1]
    if (from === undefined || unit < from) high = middle - 1
    else if (to === undefined || unit > to) low = middle + 1
    else return true
  }
  return false
}

export const complement = (set: UnitSet): UnitSet => {
  const ranges: (readonly [number, number])[] = []
  let from = 0
  for (const [low, high] of rangesOf(set)) {
    if (low > from) ranges.push([from, low - 1])
    from = high + 1
  }
  if (from <= LAST_UNIT) ranges.push([from, LAST_UNIT])
  return unitSet(ranges)
}

export const intersection = (left: UnitSet, right: UnitSet): UnitSet => {
  const shared: number[] = []
  let at = 0
  let other = 0
  for (;;) {
    const leftFrom = left[at]
    const leftTo = left[at + 1]
    const rightFrom = right[other]
    const rightTo = right[other + 1]
    if (leftFrom === undefined || leftTo === undefined || rightFrom === undefined || rightTo === undefined)
      return shared
    const from = Math.max(leftFrom, rightFrom)
    const to = Math.min(leftTo, rightTo)
    if (from <= to) shared.push(from, to)
    if (leftTo < rightTo) at += 2
    else other += 2
  }
}

export const without = (set: UnitSet, unit: number): UnitSet =>
  hasUnit(set, unit) ? intersection(set, complement(singleUnit(unit))) : set

/** The set with the representative of each member added, so that folded text can be looked up in it. */
export const foldSet = (set: UnitSet): UnitSet => {
  const added: (readonly [number, number])[] = []
  for (let unit = 0x61; unit <= 0x7a; unit += 1) if (hasUnit(set, unit)) added.push([foldUnit(unit), foldUnit(unit)])
  if (set.some(bound => bound >= 0x80))
    for (const [unit, folded] of foldingUnits()) if (hasUnit(set, unit)) added.push([folded, folded])
  return added.length === 0 ? set : unitSet([...rangesOf(set), ...added])
}

export const NUL = 0
export const SLASH = 0x2f
export const DOT = 0x2e
/** What `?` and `*` take: anything but a slash. */
export const NOT_SLASH: UnitSet = complement(singleUnit(SLASH))
/** What `**` takes: line ends too, for a name may hold any unit but a slash and NUL. */
export const EVERY_UNIT: UnitSet = [0, LAST_UNIT]
