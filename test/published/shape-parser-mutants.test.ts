import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { inspect } from 'node:util'
import { parserOf, type Shape } from '@holdfast/core/internal'
import * as fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { expectCaught, runs } from '../core/harness/properties.ts'
import { altered } from './altered-json.ts'

const SOURCE = join(import.meta.dirname, '..', '..', 'packages', 'core', 'src', 'shape-parser.ts')
const folder = mkdtempSync(join(tmpdir(), 'holdfast-mutants-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

type Maker = typeof parserOf

/** The maker of parsers with a bug planted in it. */
async function planted(search: string, replacement: string): Promise<Maker> {
  const source = readFileSync(SOURCE, 'utf8')
  expect(source.split(search), search).toHaveLength(2)
  const beside = pathToFileURL(join(SOURCE, '..')).href
  const text = source.replace(search, () => replacement).replaceAll("from './", `from '${beside}/`)
  const path = join(folder, `${mutants}.ts`)
  mutants += 1
  writeFileSync(path, text)
  const made = (await import(/* @vite-ignore */ pathToFileURL(path).href)) as { readonly parserOf: Maker }
  return made.parserOf
}

let mutants = 0

/** One schema of each kind that the maker knows, with the values at its edges. */
const KINDS: readonly (readonly [schema: z.ZodType, edges: readonly unknown[]])[] = [
  [z.string().min(3), ['', 'ab', 'abc', '\u{1F600}', '\u{1F600}\u{1F600}', 'abcdef']],
  [z.string().max(2), ['', 'ab', 'abc', '\u{1F600}\u{1F600}']],
  [z.array(z.int()).min(1).max(2), [[], [1], [1, 2], [1, 2, 3], [1.5], ['1']]],
  [z.number().min(0), [-1, 0, 1, Number.NaN, Number.POSITIVE_INFINITY]],
  [z.number().positive(), [-1, 0, 1]],
  [z.number().max(9), [8, 9, 10]],
  [z.number().lt(9), [8, 9, 10]],
  [z.int(), [1, 1.5, 2 ** 53]],
  [z.string().regex(/^a+$/), ['a', 'ab', '']],
  [z.string().refine(text => text !== 'no'), ['yes', 'no']],
  [z.boolean(), [true, false, 0]],
  [z.enum(['a', 'b']), ['a', 'c']],
  [z.literal(['a', 1]), ['a', 1, '1']],
  [z.string().nullable(), [null, '', undefined]],
  [z.union([z.literal('none'), z.int()]), ['none', 1, 'nobody']],
  [
    z.object({ a: z.int(), b: z.string().optional() }),
    [{ a: 1 }, { a: 1, b: 'x' }, { b: 'x', a: 1, c: 2 }, { a: 1, b: undefined }],
  ],
  [z.strictObject({ a: z.int().default(7) }), [{}, { a: 1 }, { a: 1, c: 2 }, { a: null }]],
  [z.looseObject({ a: z.int().optional() }), [{}, { c: 1 }, { c: 1, a: 2 }, { a: undefined }]],
  [
    z.object({ a: z.union([z.object({ x: z.int() }), z.object({ y: z.int() })]) }),
    [{ a: { x: 1, y: 1 } }, { a: { y: 1 } }],
  ],
  [z.string().trim(), [' a ', 'a']],
  [z.array(z.string()).nonempty().nullable().optional(), [null, undefined, [], ['a']]],
]

function reading(shape: Shape<unknown>, value: unknown): string {
  try {
    const read = shape.safeParse(value)
    return inspect(read.success ? read : { success: false }, { depth: null, showHidden: true })
  } catch (error) {
    return `throws ${String(error)}`
  }
}

const property = (maker: Maker) =>
  fc.property(
    fc
      .constantFrom(...KINDS)
      .chain(([schema, edges]) => fc.tuple(fc.constant(schema), altered(fc.constantFrom(...edges)))),
    ([schema, value]) => {
      expect(reading(maker<unknown>(schema), value)).toBe(reading(schema, value))
    },
  )

describe('the maker of parsers', () => {
  test('makes of each kind of schema a parser that reads as it does', () => {
    fc.assert(property(parserOf), runs(2000))
  })

  test.each([
    ['takes any number for one', 'Number.isFinite', "input => typeof input === 'number'"],
    ['asks for half of the least length', ': 2 * def.minimum', ': Math.ceil(def.minimum / 2)'],
    ['counts the least length in units', ': 2 * def.minimum', ': def.minimum'],
    ['takes one more than the most', 'lengthOf(input) <= def.maximum', 'lengthOf(input) <= def.maximum + 1'],
    ['takes the bound of an open range below', 'input > Number(value)', 'input >= Number(value)'],
    ['takes the bound of an open range above', 'input < Number(value)', 'input <= Number(value)'],
    ['lets no check of a leaf count', 'isOfType(input) && checks.every(check => check(input))', 'isOfType(input)'],
    [
      'lets no check of a list count',
      'Array.isArray(input) && checks.every(check => check(input))',
      'Array.isArray(input)',
    ],
    ['overlooks checks that it does not know', 'all.length === checks.length ? all : null', 'all'],
    ['takes any word for one of an enumeration', 'words.has(input) ? input', "typeof input === 'string' ? input"],
    ['takes null where none may be', 'input === null ? null : inner(input)', 'input ?? null'],
    ['keeps what is to be dropped', "? 'dropped' :", "? 'kept' :"],
    ['takes what is to be refused', "['never', 'refused']", "['never', 'dropped' as 'kept']"],
    ['drops what is to be kept', "['unknown', 'kept']", "['unknown', 'dropped' as 'kept']"],
    ['puts no default', '() => def.defaultValue]', 'OMITTED]'],
    [
      'takes what no member of a union takes',
      'parse(input) !== UNDECIDED) ? input',
      'parse(input) === UNDECIDED) ? input',
    ],
    ['takes the first of two objects', 'LEAVES.has(known(option)._zod.def.type)', 'known(option) !== undefined'],
    [
      'takes what a refinement refuses',
      'Reflect.apply(fn, undefined, [input]) === true',
      'Reflect.apply(fn, undefined, [input]) !== null',
    ],
    ['overlooks a pattern', 'pattern.test(input)', 'pattern.source.length > 0'],
    ['takes numbers with a fraction for whole', 'return Number.isSafeInteger', 'return Number.isFinite'],
  ])('that %s is caught', async (_what, search, replacement) => {
    const maker = await planted(search, replacement)
    expectCaught(property(maker))
  })
})
