import { DOT, NOT_SLASH, hasUnit, intersection, singleUnit, without, type UnitSet } from './unit-set.ts'

/** What a lookahead that was passed still asks of the units that follow, as bits. */
export type Obligations = number

const SOME_AHEAD = 1
const NAME_AHEAD = 2
const NAME_AHEAD_PAST_DOT = 4
const AT_END = 8
/** How many sets of obligations there are. */
export const OBLIGATION_SETS = 16

/** A state of an automaton with what is still asked there: state × OBLIGATION_SETS + obligations. */
export type Situation = number

/** A lookahead; see `Leaf`. */
export type Requirement = 'some-ahead' | 'name-ahead' | 'end'

/** The obligations after passing one more lookahead at the same place. */
export const oblige = (before: Obligations, what: Requirement): Obligations => {
  switch (what) {
    case 'some-ahead':
      return before | SOME_AHEAD
    case 'name-ahead':
      return before | NAME_AHEAD
    case 'end':
      return before | AT_END
  }
}

/** Whether a path may end here. */
export const mayEnd = (obligations: Obligations): boolean => (obligations & ~AT_END) === 0

/** What may be taken of `set` under these obligations, and which remain after it. */
export const permitted = (
  set: UnitSet,
  obligations: Obligations,
): readonly { readonly set: UnitSet; readonly left: Obligations }[] => {
  if ((obligations & AT_END) !== 0) return []
  const free = (obligations & NAME_AHEAD_PAST_DOT) === 0 ? set : intersection(set, NOT_SLASH)
  if ((obligations & NAME_AHEAD) === 0) return some([{ set: free, left: 0 }])
  const dots = hasUnit(free, DOT) ? singleUnit(DOT) : []
  return some([
    { set: dots, left: NAME_AHEAD_PAST_DOT },
    { set: intersection(without(free, DOT), NOT_SLASH), left: 0 },
  ])
}

const some = <T extends { readonly set: UnitSet }>(parts: readonly T[]): readonly T[] =>
  parts.filter(({ set }) => set.length > 0)
