import { expect, test } from 'vitest'
import { foldUnit, unfoldUnit } from './fold-case.ts'

const LAST_UNIT = 0xff_ff

const patternOf = (unit: number): RegExp => new RegExp(`^\\u${unit.toString(16).padStart(4, '0')}$`, 'i')

test('every unit and its representative are one letter to an expression that ignores case', () => {
  for (let unit = 0; unit <= LAST_UNIT; unit += 1) {
    const folded = foldUnit(unit)
    if (folded !== unit) expect(String.fromCharCode(unit)).toMatch(patternOf(folded))
    expect(foldUnit(folded)).toBe(folded)
  }
})

test('letters that only look alike in upper case are two', () => {
  const kelvin = 0x21_2a
  const longS = 0x01_7f
  expect(foldUnit(kelvin)).toBe(kelvin)
  expect(foldUnit(longS)).toBe(longS)
  expect('k').not.toMatch(patternOf(kelvin))
  expect('s').not.toMatch(patternOf(longS))
})

test('what is written for a representative folds back to it', () => {
  for (let unit = 0; unit <= LAST_UNIT; unit += 1) {
    const folded = foldUnit(unit)
    expect(foldUnit(unfoldUnit(folded))).toBe(folded)
  }
  expect(unfoldUnit('Ä'.charCodeAt(0))).toBe('ä'.charCodeAt(0))
})
