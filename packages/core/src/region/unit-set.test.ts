import { describe, expect, test } from 'vitest'
import { complement, foldSet, hasUnit, intersection, rangesOf, unitSet, without, type UnitSet } from './unit-set.ts'

const LAST_UNIT = 0xff_ff
/** Ends of the alphabet, neighbours, a gap of one. */
const SETS: readonly UnitSet[] = [
  unitSet([]),
  unitSet([[0, 0]]),
  unitSet([[0, LAST_UNIT]]),
  unitSet([[LAST_UNIT, LAST_UNIT]]),
  unitSet([
    [5, 7],
    [1, 2],
  ]),
  unitSet([
    [2, 5],
    [9, LAST_UNIT],
  ]),
  unitSet([
    [0, 3],
    [5, 5],
    [7, 9],
  ]),
]
const UNITS = [...Array.from({ length: 12 }, (_, unit) => unit), LAST_UNIT - 1, LAST_UNIT]
const membersOf = (set: UnitSet): number[] => UNITS.filter(unit => hasUnit(set, unit))

describe('a set of units', () => {
  test('has the units of its ranges and no others', () => {
    for (const set of SETS) {
      const inside = UNITS.filter(unit => rangesOf(set).some(([from, to]) => from <= unit && unit <= to))
      expect(membersOf(set)).toEqual(inside)
    }
  })

  test('joins ranges that meet or overlap', () => {
    expect(
      unitSet([
        [4, 6],
        [1, 3],
        [5, 9],
        [11, 12],
      ]),
    ).toEqual([1, 9, 11, 12])
  })

  test('and its complement share nothing and are everything; the complement of that is the set', () => {
    for (const set of SETS) {
      const rest = complement(set)
      expect(UNITS.filter(unit => hasUnit(set, unit) === hasUnit(rest, unit))).toEqual([])
      expect(intersection(set, rest)).toEqual([])
      expect(complement(rest)).toEqual(set)
    }
  })

  test('shares with another what both have', () => {
    for (const set of SETS) {
      for (const other of SETS) {
        const both = UNITS.filter(unit => hasUnit(set, unit) && hasUnit(other, unit))
        expect(membersOf(intersection(set, other))).toEqual(both)
      }
    }
  })

  test('without a unit lacks that one alone', () => {
    for (const set of SETS) {
      for (const gone of UNITS)
        expect(membersOf(without(set, gone))).toEqual(membersOf(set).filter(unit => unit !== gone))
    }
  })
})

describe('the representatives of a set', () => {
  const folded = (text: string) => foldSet(unitSet(Array.from(text, sign => [sign.charCodeAt(0), sign.charCodeAt(0)])))

  test('are added, in ASCII and beyond it', () => {
    for (const sign of 'aäAÄ') expect(hasUnit(folded('aä'), sign.charCodeAt(0))).toBe(true)
  })

  test('of a set without letters are its own units', () => {
    expect(folded('1-')).toEqual(
      unitSet([
        [0x31, 0x31],
        [0x2d, 0x2d],
      ]),
    )
    expect(folded('')).toEqual([])
  })
})
