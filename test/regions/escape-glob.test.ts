import { covers, escapeGlob, parseRegion, pathFault, type Region } from '@holdfast/core'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { judge } from './judge.ts'

const RUNS = 3000

const regionOf = (glob: string, caseSensitive: boolean): Region => {
  const parsed = parseRegion([glob], { caseSensitive })
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return parsed.region
}

/** Every sign that means something in a glob, somewhere, and what is odd in a name. */
const UNITS = [
  ...'ab*?[]{}!@#+()|^$",.~-:;=<>&%\' '.split(''),
  '\n',
  '\r',
  '\u2028',
  '\u2029',
  '\t',
  'é',
  'e\u0301',
  '\u0338',
  '😀',
  'ſ',
]
const POSIX = [
  '[:alpha:]',
  '{a,b}',
  '[...slug]',
  '**',
  '***',
  '++',
  '$$',
  '^^',
  '!(a)',
  '@(a|b)',
  '.ts',
  '*.*',
  '[!a]',
  '{1..3}',
  'a:',
  'C:',
]

const someName = fc
  .array(fc.constantFrom(...UNITS, ...POSIX), { minLength: 1, maxLength: 5 })
  .map(parts => parts.join(''))
  .filter(name => name !== '.' && name !== '..')
const somePath = fc.array(someName, { minLength: 1, maxLength: 3 }).map(names => names.join('/'))

/** The same path for a ledger: by its bytes, or whatever its case and its Unicode form. */
const sameName = (path: string, caseSensitive: boolean): string =>
  caseSensitive
    ? path
    : Array.from({ length: path.normalize('NFC').length }, (_, at) => {
        const unit = path.normalize('NFC').charAt(at)
        const upper = unit.toUpperCase()
        return upper.length === 1 && !(unit > '\u007f' && upper <= '\u007f') ? upper : unit
      }).join('')

describe('escapeGlob', () => {
  test('covers the path, all below it, and no other path', () => {
    fc.assert(
      fc.property(somePath, somePath, fc.boolean(), (path, other, caseSensitive) => {
        const region = regionOf(escapeGlob(path), caseSensitive)
        expect(covers(region, path)).toBe(true)
        expect(covers(region, `${path}/${other}`)).toBe(true)
        for (const asked of [other, `${path}a`, `a${path}`, path.slice(1), path.slice(0, -1), `${other}/${path}`]) {
          const [own, wanted] = [sameName(path, caseSensitive), sameName(asked, caseSensitive)]
          const below = wanted === own || wanted.startsWith(`${own}/`)
          if (pathFault(asked) === null) expect(covers(region, asked), JSON.stringify(asked)).toBe(below)
        }
      }),
      { numRuns: RUNS },
    )
  })

  test('means the same to picomatch', () => {
    fc.assert(
      fc.property(somePath, fc.boolean(), (path, caseSensitive) => {
        const matches = judge(escapeGlob(path), { caseSensitive })
        expect([path, `${path}/x`, `${path}x`].map(matches)).toEqual([true, true, false])
      }),
      { numRuns: RUNS },
    )
  })

  test('leaves a path without glob characters as it is', () => {
    expect(['src/api/x.ts', ' a b ', 'é.ts', '-x', '#a', '@a/b', '.env'].map(escapeGlob)).toEqual([
      'src/api/x.ts',
      ' a b ',
      'é.ts',
      '-x',
      '#a',
      '@a/b',
      '.env',
    ])
    expect(['!x', 'c:/x', ' '].map(escapeGlob)).toEqual(['{!,!}x/**', '{c,c}:/x/**', ' /**'])
    expect(escapeGlob('app/[...slug]/page.tsx')).toBe('app/[[]...slug[]]/page.tsx/**')
  })

  test.each([
    [String.raw`a\b`, /backslash/],
    ['a\u0000', /NUL/],
    ['', /empty/],
    ['a//b', /empty/],
    ['a/../b', /`\.\.`/],
    ['./a', /`\.`/],
    ['a/', /slash/],
  ])('refuses %j, which no glob can tell', (path, reason) => {
    expect(pathFault(path)).toMatch(reason)
    expect(() => escapeGlob(path)).toThrow(RangeError)
    expect(() => escapeGlob(path)).toThrow(reason)
  })
})
