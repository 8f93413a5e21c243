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
