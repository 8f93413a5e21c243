import * as fc from 'fast-check'

const PLAIN = [
  'a',
  'b',
  'A',
  'B',
  '.',
  '-',
  'a.b',
  '/',
  '/',
  '*',
  '*',
  '?',
  '**',
  '/**',
  '**/',
  '{a,b}',
  '[ab]',
  '[!a]',
]
const CLASSES = [
  '[^b]',
  '[a-b]',
  '[.a]',
  '[]a]',
  '[[:alpha:]]',
  '[[:upper:]b]',
  '[![:alpha:]]',
  '[[:punct:]]',
  '[a',
  '[',
  ']',
]
const BRACES = [
  '{a,}',
  '{,/b}',
  '{a,{b,A}}',
  '{a}',
  '{**,b}',
  '{a/**,b}',
  '{**/a,b}',
  '{*,.*}',
  '{a.b,*}',
  '{a/,b}',
  '{',
  '}',
  ',',
]
const SIGNS = [
  '(',
  ')',
  '(a|b)',
  '|',
  '"',
  '+',
  '++',
  '$',
  '$$',
  '!',
  '#',
  '@',
  '^',
  '\\',
  '/./',
  'é',
  'É',
  '\n',
  '\r',
  '\u2028',
  'e\u0301',
]
const STARS = ['***', '*.*', '/*', '*/', '.*', '**/**', '{a/**/b}', '{a*,b**}']
const ODD = [...CLASSES, ...BRACES, ...SIGNS, ...STARS]

const joined = (pieces: readonly string[], maxLength: number): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength }).map(parts => parts.join(''))

/** Globs over an alphabet so small that most things meet; half of them from common pieces, half with every oddity. */
export const someGlob = (): fc.Arbitrary<string> => fc.oneof(joined(PLAIN, 6), joined([...PLAIN, ...ODD, ...ODD], 5))

/** Two globs and how their ledger treats case. */
export const somePair = (): fc.Arbitrary<{ readonly a: string; readonly b: string; readonly caseSensitive: boolean }> =>
  fc.record({ a: someGlob(), b: someGlob(), caseSensitive: fc.boolean() })

const cross = (...choices: readonly (readonly string[])[]): string[] =>
  choices.reduce<string[]>(
    (paths, names) => paths.flatMap(path => names.map(name => (path === '' ? name : `${path}/${name}`))),
    [''],
  )

const NAMES = ['a', 'b', 'A', '.a', 'ab', 'a.b', '-', 'ba', 'aa', 'b.', '..a']
const ODD_NAMES = [
  ...NAMES,
  '[ab]',
  '(',
  '(a|b)',
  '|',
  '+',
  'a+',
  '$',
  '^',
  '{a}',
  '"',
  'é',
  'É',
  'a\nb',
  'a\rb',
  '\u2028',
  '\u2029a',
  'e\u0301',
  'E\u0301',
  'bab',
  '!',
  '#',
  ',',
  'a,b',
]

/** Every path of these names to a depth of five, thinner as it goes down, and some absolute ones. */
export const PATHS: readonly string[] = [
  ...cross(ODD_NAMES),
  ...cross(ODD_NAMES, NAMES),
  ...cross(NAMES, ODD_NAMES),
  ...cross(NAMES.slice(0, 6), NAMES.slice(0, 6), NAMES.slice(0, 6)),
  ...cross(['a', 'b'], ['a', 'b', '.a'], ['a', 'b'], ['a', 'b', 'ab']),
  ...cross(['a', 'b'], ['a'], ['a', 'b'], ['b'], ['a', 'b']),
  '/a',
  '/b',
  '/a/b',
  '/b/a',
  '/ab',
  '/a/a/b',
]
