import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { overlap, parseRegion } from '@holdfast/core'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { judge } from './judge.ts'

const Vector = z.object({
  expected: z.object({ prefixDisjoint: z.boolean() }),
  input: z.object({ a: z.array(z.string()), b: z.array(z.string()) }),
})

const VECTORS = readFileSync(join(import.meta.dirname, '../vectors/regions.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map(line => Vector.parse(JSON.parse(line)))

const decide = (globs: {
  readonly a: readonly string[]
  readonly b: readonly string[]
}): ReturnType<typeof overlap> => {
  const a = parseRegion(globs.a, { caseSensitive: true })
  const b = parseRegion(globs.b, { caseSensitive: true })
  if (!a.ok || !b.ok) throw new Error('a reference vector is not valid')
  return overlap({ a: a.region, b: b.region })
}

test('where the prefix test of the reference says disjoint, so do we', () => {
  const disjoint = VECTORS.filter(({ expected }) => expected.prefixDisjoint)
  expect(disjoint.length).toBeGreaterThan(50)
  expect(disjoint.filter(({ input }) => decide(input).overlap)).toEqual([])
})

test('every overlap in the reference vectors has a witness that both sides match by picomatch', () => {
  const unproven = VECTORS.filter(({ input }) => {
    const answer = decide(input)
    if (!answer.overlap) return false
    const matches = (globs: readonly string[]): boolean =>
      globs.some(glob => judge(glob, { caseSensitive: true })(answer.witness ?? ''))
    return !matches(input.a) || !matches(input.b)
  })
  expect(unproven).toEqual([])
})
