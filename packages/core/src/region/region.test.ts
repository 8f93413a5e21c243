import { describe, expect, test } from 'vitest'
import {
  GLOB_ALTERNATIVES_MAX,
  GLOB_LENGTH_MAX,
  GLOB_NESTING_MAX,
  REGION_GLOBS_MAX,
  REGION_LENGTH_MAX,
} from './bounds.ts'
import { covers } from './covers.ts'
import { overlap } from './overlap.ts'
import { RegionReader } from './region-reader.ts'
import {
  compiledRegion,
  literalPrefixes,
  parseRegion,
  regionProblemText,
  type Region,
  type RegionProblem,
} from './region.ts'

const region = (...globs: string[]): Region => {
  const parsed = parseRegion(globs, { caseSensitive: false })
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return parsed.region
}

const problems = (...globs: string[]): readonly RegionProblem[] => {
  const parsed = parseRegion(globs, { caseSensitive: false })
  return parsed.ok ? [] : parsed.problems
}

describe('normalisation', () => {
  test.each([
    ['./src//api/', 'src/api'],
    ['.\\src\\api', 'src/api'],
    ['a/./b/.', 'a/b'],
    ['/etc//x/', '/etc/x'],
    ['src/**/', 'src/**'],
    ['./{a,b}//c', '{a,b}/c'],
    ['...', '...'],
  ])('%s becomes %s', (given, normal) => {
    expect(region(given).globs).toEqual([normal])
  })

  test('repeats go and the order stays', () => {
    expect(region('b', 'a', './b').globs).toEqual(['b', 'a'])
  })

  test('a region without globs covers nothing and overlaps nothing', () => {
    expect(covers(region(), 'a')).toBe(false)
    expect(overlap({ a: region(), b: region('**') })).toEqual({ overlap: false })
  })
})

describe('what is not valid says why and where', () => {
  test.each([
    ['', 0, /empty/],
    ['.', 0, /empty/],
    ['/', 0, /empty/],
    ['a/../b', 2, /`\.\.`/],
    ['a\\..\\b', 2, /`\.\.`/],
    ['x[a/b]', 3, /class/],
    ['x[a\\]', 3, /class/],
    ['.//a/{1..3}', 7, /range/],
    ['a/{b,c', 2, /brace/],
    ['{+a,b}', 1, /repeats nothing/],
    ['a+++*', 3, /cannot read/],
    ['{a**}', 3, /cannot read/],
    ['a[z-b]', 1, /backwards/],
    ['a[]b', 1, /close/],
    ['[[:alpha:x]', 8, /POSIX/],
    ['a\u0000b', 1, /NUL/],
    ['a'.repeat(GLOB_LENGTH_MAX + 1), GLOB_LENGTH_MAX, /longer/],
    [`${'{a,'.repeat(GLOB_NESTING_MAX + 1)}b${'}'.repeat(GLOB_NESTING_MAX + 1)}`, 3 * GLOB_NESTING_MAX, /deeper/],
    [`{${'a,'.repeat(GLOB_ALTERNATIVES_MAX + 1)}a}`, 2 * GLOB_ALTERNATIVES_MAX + 2, /alternatives/],
  ])('%s', (glob, position, reason) => {
    const [problem] = problems('ok', glob)
    expect(problem).toMatchObject({ index: 1, glob, position })
    expect(problem?.reason).toMatch(reason)
  })

  test('a problem of a place in the glob says which, and one of the whole glob does not', () => {
    const told = problems('ok', 'a[z-b]', '').map(regionProblemText)
    expect(told).toEqual([
      expect.stringMatching(/^"a\[z-b\]": .*backwards \(at character 2\)$/),
      expect.stringMatching(/^"": [^(]*$/),
    ])
  })

  test('each glob reports its own problem', () => {
    expect(problems('..', 'fine', '{1..3}').map(({ index }) => index)).toEqual([0, 2])
  })

  test('too many globs, and too much text in all of them, are refused', () => {
    const many = Array.from({ length: REGION_GLOBS_MAX + 1 }, (_, index) => `a${index}`)
    expect(problems(...many).map(({ index }) => index)).toEqual([REGION_GLOBS_MAX])
    expect(problems(...many)[0]?.reason).toContain('globs')
    const long = Array.from({ length: 5 }, (_, index) => `${index}${'a'.repeat(GLOB_LENGTH_MAX - 1)}`)
    expect(problems(...long).map(({ index }) => index)).toEqual([REGION_LENGTH_MAX / GLOB_LENGTH_MAX])
    expect(problems(...long)[0]?.reason).toContain('characters')
  })
})

describe('overlap', () => {
  test.each([
    ['src/api', 'src/api/**', 'src/api'],
    ['src/api/**', 'src/api/users/*.ts', 'src/api/users/t.ts'],
    ['app/(shop)/**', 'app/*/page.tsx', 'app/(shop)/page.tsx'],
    ['app/[slug]/**', 'app/[slug]', 'app/g'],
    ['Docs/README.md', '**/*.MD', 'Docs/README.md'],
    ['/etc/**', '**/passwd', '/etc/passwd'],
    ['*a*b', '?b*', 'bba'],
  ])('%s and %s share %s', (a, b, witness) => {
    const found = overlap({ a: region(a), b: region(b) })
    expect(found.overlap).toBe(true)
    if (!found.overlap) return
    expect(covers(region(a), found.witness ?? '')).toBe(true)
    expect(covers(region(b), found.witness ?? '')).toBe(true)
    expect(found.witness?.length).toBeLessThanOrEqual(witness.length)
  })

  test.each([
    ['src/api/**', 'src/api2/**'],
    ['src/*.ts', 'src/*.js'],
    ['src/[!a]*', 'src/a*'],
    ['**/*.test.ts', 'src/?.ts'],
    ['a/**/b', 'a/**/c'],
    ['a*/**', 'a?'],
  ])('%s and %s share nothing', (a, b) => {
    expect(overlap({ a: region(a), b: region(b) })).toEqual({ overlap: false })
  })

  test('of more pairs of globs than are compared one by one is decided as well', () => {
    const many = (folder: string) => Array.from({ length: 20 }, (_, index) => `${folder}/a${index}/**`)
    expect(overlap({ a: region(...many('src')), b: region(...many('lib')) })).toEqual({ overlap: false })
    const found = overlap({ a: region(...many('src')), b: region(...many('lib'), 'src/a19/x.ts') })
    expect(found).toEqual({ overlap: true, witness: 'src/a19/x.ts' })
  })

  test('regions that treat case differently are a mistake of the caller', () => {
    const sensitive = parseRegion(['a'], { caseSensitive: true })
    if (!sensitive.ok) throw new Error('valid')
    expect(() => overlap({ a: region('a'), b: sensitive.region })).toThrow(TypeError)
  })

  test('only parseRegion makes regions', () => {
    expect(() => compiledRegion({ globs: ['a'], caseSensitive: false })).toThrow(TypeError)
  })
})

test.each(['', 'a/', 'a//b', './a', 'a/../b', '..', '/', 'a\u0000b'])(
  'no region covers %j, which is not a path in normal form',
  path => {
    expect(covers(region('**', '/**'), path)).toBe(false)
  },
)

test('a repeated `^` in a glob of one segment matches nothing, as in picomatch', () => {
  expect(covers(region('?^^'), 'a^^')).toBe(false)
  expect(overlap({ a: region('?^^'), b: region('**') })).toEqual({ overlap: false })
  expect(covers(region('?^'), 'a^')).toBe(true)
})

test.each([
  ['src/api/*.ts', ['SRC', 'API']],
  ['src/a*', ['SRC']],
  ['src/api', ['SRC', 'API']],
  ['src/api/**', ['SRC', 'API']],
  ['src/**/x', ['SRC']],
  ['{src,lib}/x', []],
  ['/etc/*', ['', 'ETC']],
  ['c++', []],
  ['**', []],
])('the literal prefix of %s is %j', (glob, prefix) => {
  expect(literalPrefixes(region(glob))).toEqual([prefix])
})

test('a region is plain data: what it means shows in no listing, copy or comparison', () => {
  const plain = { globs: ['src/*'], caseSensitive: false }
  const made = region('src/*')
  expect(made).toStrictEqual(plain)
  expect({ ...made }).toStrictEqual(plain)
  expect(structuredClone(made)).toStrictEqual(plain)
  expect(JSON.parse(JSON.stringify(made))).toStrictEqual(plain)
  expect(Object.isFrozen(made) && Object.isFrozen(made.globs)).toBe(true)
  expect(() => overlap({ a: made, b: plain })).toThrow('a region is made by parseRegion')
})

test('a reader gives what parsing gives, from the third reading on the same object', () => {
  const reader = new RegionReader({ caseSensitive: false })
  const [first, second, third, fourth] = Array.from({ length: 4 }, () => reader.read(['src/*', './lib']))
  expect(first).toStrictEqual(parseRegion(['src/*', './lib'], { caseSensitive: false }))
  expect(third).toStrictEqual(first)
  expect(third?.ok === true && second?.ok === true && third.region === second.region).toBe(true)
  expect(fourth?.ok === true && third?.ok === true && fourth.region === third.region).toBe(true)
  expect(reader.read(['../x'])).toStrictEqual(parseRegion(['../x'], { caseSensitive: false }))
})

test('a witness can be read even where no letter fits', () => {
  const strange = region('[![:alpha:]][![:digit:]]')
  const found = overlap({ a: strange, b: region('[![:alnum:]][![:alnum:]]') })
  expect(found.overlap ? found.witness : '').toMatch(/^[!-~]{2}$/)
})

test.each([
  ['all that is left are control signs', '[^!-~]', '\u0001'],
  ['a letter beside a dot, which no name is made of', '[.é]', 'é'],
  ['a letter behind a slash, which no name has', '[^[:alnum:]\u0001- !-.:-~]', '\u007f'],
])('a witness is found where %s', (_what, glob, witness) => {
  const found = overlap({ a: region(`x${glob}`), b: region(`?${glob}*`) })
  expect(found).toEqual({ overlap: true, witness: `x${witness}` })
})

test('beside a POSIX class a negated one takes NUL away as well', () => {
  const beyond = region('[^[:ascii:]]')
  expect([covers(beyond, 'é'), covers(beyond, 'e')]).toEqual([true, false])
})

test('NUL is in no path, so sharing only NUL is sharing nothing', () => {
  expect(overlap({ a: region('[![:print:]\u0001-\uffff]'), b: region('?') })).toEqual({ overlap: false })
})
