import { expect, test } from 'vitest'
import { compare, different, EQUAL } from './comparison.ts'

test('what is the same all the way down is equal', () => {
  expect(compare({ a: [1, { b: null }] }, { a: [1, { b: null }] })).toBe(EQUAL)
})

test('an absent field and an undefined one are the same, on either side', () => {
  expect(compare({ a: 1, b: undefined }, { a: 1 })).toBe(EQUAL)
  expect(compare({ a: 1 }, { a: 1, b: undefined })).toBe(EQUAL)
})

test.each([
  ['a field that one side lacks', { a: 1 }, {}, different('$.a', 1, undefined)],
  ['a field that only the other side has', {}, { a: 1 }, different('$.a', undefined, 1)],
  ['a field that every object inherits', { toString: 1 }, {}, different('$.toString', 1, undefined)],
  ['a list that ends early', { a: [1, 2] }, { a: [1] }, different('$.a[1]', 2, undefined)],
  ['a list where a record stands', [], {}, different('$', [], {})],
  ['null where a record stands', { a: {} }, { a: null }, different('$.a', {}, null)],
])('%s is a difference, and its place is named', (_what, expected, actual, answer) => {
  expect(compare(expected, actual)).toEqual(answer)
})
