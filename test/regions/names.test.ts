import { covers, overlap, parseRegion, type Region } from '@holdfast/core'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

const regionOf = (glob: string, caseSensitive = false): Region => {
  const parsed = parseRegion([glob], { caseSensitive })
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return parsed.region
}

const RUNS = 2000
const LINE_ENDS = ['\n', '\r', '\u2028', '\u2029', '\r\n']

describe('line ends in a name', () => {
  test.each(LINE_ENDS)('%j does not take a file out of a region', end => {
    const path = `src/api/a${end}b`
    for (const glob of [
      'src/api/**',
      'src/api',
      '**',
      '**/*',
      'src/**/*',
      'src/**/a*',
      'src/api/*',
      'src/api/a?*b',
      'src/*/a[^x]*',
    ])
      expect([glob, covers(regionOf(glob), path)]).toEqual([glob, true])
    expect(covers(regionOf('src/api/**'), `src/api/${end}/x`)).toBe(true)
    expect(covers(regionOf(`src/a${end}b`), `src/a${end}b/x`)).toBe(true)
    expect(overlap({ a: regionOf('src/api/**'), b: regionOf(`src/api/a${end}b`) }).overlap).toBe(true)
    expect(overlap({ a: regionOf(`**/a${end}*`), b: regionOf('src/**') }).overlap).toBe(true)
  })

  test('a region with `/**` covers everything below its folder, whatever the characters', () => {
    const unit = fc.oneof(
      fc.constantFrom(...'ab.*[{\\'.split(''), ...LINE_ENDS, '\u0301'),
      fc.string({ minLength: 1, maxLength: 2, unit: 'binary' }),
    )
    const name = fc
      .array(unit, { minLength: 1, maxLength: 4 })
      .map(units => units.join(''))
      .filter(text => !/[/\0]|^\.\.?$/.test(text))
    const below = fc.array(name, { minLength: 1, maxLength: 4 }).map(names => names.join('/'))
    fc.assert(
      fc.property(below, fc.boolean(), (path, caseSensitive) => {
        for (const glob of ['src/**', 'src', '{src,x}/**', 's?c/**', '**', 'src/**/*'])
          expect([glob, covers(regionOf(glob, caseSensitive), `src/${path}`)]).toEqual([glob, true])
      }),
      { numRuns: RUNS },
    )
  })
})

/** Letters, marks that combine with them (in more than one order), and signs that combine with a slash through them. */
const PIECES = [
  'a',
  'e',
  'E',
  'o',
  'q',
  '\u0301',
  '\u0323',
  '\u0302',
  '\u00e9',
  '\u00c9',
  '\u1ed9',
  '<',
  '\u0338',
  '\u212b',
  '\uac00',
  '\u1100',
  '\u1161',
]
const GLOB_PIECES = [...PIECES, ...PIECES, '*', '?', '[ae]', '[^e]', '[\u00e9]', '[e\u0301]', '{e,a}', '/', '/**']
const text = (pieces: readonly string[], maxLength: number): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength }).map(parts => parts.join(''))

describe('where case is ignored', () => {
  const known = (glob: string): boolean => parseRegion([glob], { caseSensitive: false }).ok

  test('the forms of one path are one path, and the forms of one glob one region', () => {
    fc.assert(
      fc.property(text(GLOB_PIECES, 5).filter(known), text(PIECES, 4), (glob, path) => {
        const answers = ['NFC', 'NFD'].flatMap(form =>
          [path, path.normalize('NFC'), path.normalize('NFD')].map(asked =>
            covers(regionOf(glob.normalize(form)), asked),
          ),
        )
        expect(new Set([covers(regionOf(glob), path), ...answers]).size).toBe(1)
      }),
      { numRuns: RUNS },
    )
  })

  test('the same two globs overlap in every form, and a witness is covered by both', () => {
    const pair = fc.tuple(text(GLOB_PIECES, 4).filter(known), text(GLOB_PIECES, 4).filter(known))
    fc.assert(
      fc.property(pair, text(PIECES, 3), ([a, b], path) => {
        const found = overlap({ a: regionOf(a), b: regionOf(b) })
        expect(overlap({ a: regionOf(a.normalize('NFD')), b: regionOf(b.normalize('NFC')) }).overlap).toBe(
          found.overlap,
        )
        if (covers(regionOf(a), path) && covers(regionOf(b), path)) expect(found.overlap).toBe(true)
        if (!found.overlap) return
        expect(found.witness !== undefined || found.bounded === true).toBe(true)
        if (found.witness === undefined) return
        expect([covers(regionOf(a), found.witness), covers(regionOf(b), found.witness)]).toEqual([true, true])
      }),
      { numRuns: RUNS },
    )
  })

  test('`?` covers one UTF-16 unit of the composed form', () => {
    expect(['\u00e9', 'e\u0301', 'q\u0301', '😀'].map(name => covers(regionOf('?'), name))).toEqual([
      true,
      true,
      false,
      false,
    ])
    expect(covers(regionOf('e*'), 'e\u0301')).toBe(false)
  })

  test('a mark right behind a wildcard is told apart from the letters that it combines with: overlap is assumed', () => {
    expect(overlap({ a: regionOf('[e]*'), b: regionOf('?\u0301') })).toEqual({ overlap: true, bounded: true })
    expect(overlap({ a: regionOf('[q]*'), b: regionOf('?\u0301') })).toEqual({ overlap: true, witness: 'q\u0301' })
  })

  test('the form that is stored is the composed one, and what is wrong stands where it was given', () => {
    expect(regionOf('cafe\u0301/**').globs).toEqual(['caf\u00e9/**'])
    const parsed = parseRegion(['e\u0301e\u0301/{a'], { caseSensitive: false })
    expect(parsed.ok ? [] : parsed.problems.map(({ position }) => position)).toEqual([5])
  })
})

test('where case matters, bytes are compared', () => {
  const [composed, decomposed] = [regionOf('caf\u00e9', true), regionOf('cafe\u0301', true)]
  expect([covers(composed, 'cafe\u0301'), covers(decomposed, 'cafe\u0301')]).toEqual([false, true])
  expect(overlap({ a: composed, b: decomposed })).toEqual({ overlap: false })
  expect(decomposed.globs).toEqual(['cafe\u0301'])
})

test('a folder’s region covers a file of the folder’s name', () => {
  expect(covers(regionOf('assets/**'), 'assets')).toBe(true)
})
