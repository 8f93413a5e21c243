import { expect, it } from 'vitest'
import { collect } from './flag-values.ts'

it('a flag that repeats is added to the list of those before, which is not copied each time', () => {
  const first = collect('a', undefined)
  expect(first).toEqual(['a'])
  const second = collect('b', first)
  expect(second).toEqual(['a', 'b'])
  expect(second).toBe(first)
})
