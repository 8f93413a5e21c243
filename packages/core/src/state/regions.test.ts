import { expect, test } from 'vitest'
import { regionOf, sharedPath } from './regions.ts'

const shared = (a: readonly string[], b: readonly string[]) => sharedPath(regionOf(a, true), regionOf(b, true))

test('a line feed in a glob does not make two lists of globs one', () => {
  expect(regionOf(['a', 'b'], true)).not.toBe(regionOf(['a\nb'], true))
  expect(shared(['a', 'b'], ['b'])).not.toBeNull()
  expect(shared(['a\nb'], ['b'])).toBeNull()
})

test('globs that cannot be read cover everything', () => {
  for (const globs of [[''], ['a\0b'], ['../up'], ['ok', '']]) expect(shared(globs, ['any/path'])).not.toBeNull()
  expect(shared([], ['any/path'])).toBeNull()
})

test('regions too hard to tell apart count as sharing a path, of which none is named', () => {
  const hard = (last: string) =>
    Array.from({ length: 60 }, (_, index) => `**/a*b*${index % 10}*c*/**/*${index}*${last}`)
  expect(shared(hard('x'), hard('y'))).toBe('')
})

test('compiled regions are kept up to a bound, past which the oldest go', () => {
  const BEYOND_EVERY_BOUND = 30_000
  const first = regionOf(['kept/0'], true)
  expect(regionOf(['kept/0'], true)).toBe(first)
  for (let index = 1; index < BEYOND_EVERY_BOUND; index += 1) regionOf([`kept/${index}`], true)
  const last = regionOf([`kept/${BEYOND_EVERY_BOUND - 1}`], true)
  expect(regionOf([`kept/${BEYOND_EVERY_BOUND - 1}`], true)).toBe(last)
  expect(regionOf(['kept/0'], true)).not.toBe(first)
  expect(regionOf(['kept/0'], true)).toEqual(first)
})
