import { describe, expect, test } from 'vitest'
import { OVERLAP_STEPS_MAX } from './bounds.ts'
import { compiledRegion, parseRegion } from './region.ts'
import { searchShared, type Search } from './search-shared.ts'

const search = (a: readonly string[], b: readonly string[]): Search => {
  const left = parseRegion(a, { caseSensitive: false })
  const right = parseRegion(b, { caseSensitive: false })
  if (!left.ok || !right.ok) throw new Error('valid')
  return searchShared(compiledRegion(left.region).places, compiledRegion(right.region).places)
}

const names = (count: number, prefix: string): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`)
const alternatives = (count: number, prefix: string): string => `{${names(count, prefix).join(',')}}`
const nested = (depth: number, core: string): string =>
  depth === 0 ? core : `{${nested(depth - 1, core)},${nested(depth - 1, `${core}x`)}}`

describe('hostile globs are decided in bounded steps', () => {
  test.each([
    [
      'a thousand alternatives on both sides',
      [`${alternatives(1000, 'a')}/x`],
      [`${alternatives(1000, 'a')}/y`],
      false,
    ],
    ['a thousand alternatives that meet in the last', [alternatives(1000, 'a')], ['a999'], true],
    ['a thousand globs on both sides', names(1000, 'src/a'), names(1000, 'src/b'), false],
    ['braces nested eight deep', [nested(8, 'a')], [nested(8, 'b')], false],
    ['thirty-two nested braces', [`${'{a,'.repeat(32)}b${'}'.repeat(32)}`], ['c'], false],
    ['long star runs', ['*'.repeat(500)], ['a/b'], false],
    ['many stars against many stars', ['*a'.repeat(40)], ['*b'.repeat(40)], false],
    ['many stars against many stars that meet', [`${'*a'.repeat(20)}*`], [`${'*b'.repeat(20)}*`], true],
    ['many globstars', [`${'a/**/'.repeat(30)}b`], [`${'a/**/'.repeat(30)}c`], false],
    ['a determinisation that would explode', [`*a${'?'.repeat(60)}b`], [`*b${'?'.repeat(60)}c`], false],
    ['repeated groups', [`{a,b}+${'{a,b}'.repeat(12)}c`], [`{b,a}+${'{a,b}'.repeat(12)}d`], false],
  ] as const)('%s', (_name, a, b, expected) => {
    const { found, steps } = search(a, b)
    expect(found).toMatchObject(expected ? { overlap: true } : { overlap: false })
    expect(found).not.toHaveProperty('bounded')
    expect(steps).toBeLessThanOrEqual(OVERLAP_STEPS_MAX)
  })

  test('past the bound the answer is overlap, without a witness', () => {
    const deep = (last: string): string[] =>
      Array.from({ length: 60 }, (_, index) => `**/a*b*${index % 10}*c*/**/*${index}*${last}`)
    const { found, steps } = search(deep('x'), deep('y'))
    expect(found).toEqual({ overlap: true, bounded: true })
    expect(steps).toBeLessThan(OVERLAP_STEPS_MAX * 2)
  })

  test('the count of steps does not depend on what earlier searches left behind', () => {
    const left = parseRegion(['**/a*b*c/**/x'], { caseSensitive: false })
    const right = parseRegion(['**/*c*b*a/**/y'], { caseSensitive: false })
    if (!left.ok || !right.ok) throw new Error('valid')
    const [a, b] = [compiledRegion(left.region).places, compiledRegion(right.region).places]
    const first = searchShared(a, b)
    expect(searchShared(a, b)).toEqual(first)
    expect(first.steps).toBeGreaterThan(0)
  })

  test('nor on what was forgotten between them, once more edges were made than are kept', () => {
    const count = 400 // Every place along the optional letters leads on by all that follow: 80,000 edges.
    const places = (globs: readonly string[]) => {
      const parsed = parseRegion(globs, { caseSensitive: false })
      if (!parsed.ok) throw new Error('valid')
      return compiledRegion(parsed.region).places
    }
    const [a, b] = [places(['{,a}'.repeat(count)]), places([`${'a'.repeat(count)}x`])]
    const start = a.start()
    expect(a.start()).toBe(start)
    const first = searchShared(a, b)
    expect(a.start()).not.toBe(start)
    expect(searchShared(a, b)).toEqual(first)
    expect(first.found).toEqual({ overlap: false })
  })
})
