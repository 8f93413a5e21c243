import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { health, HealthInput, liveness, LivenessInput } from '../../packages/core/src/verdict/index.ts'

const read = <Input>(
  name: string,
  input: z.ZodType<Input>,
): readonly { readonly expected: string; readonly input: Input }[] => {
  const vector = z.object({ expected: z.string(), input })
  const text = readFileSync(join(import.meta.dirname, '../vectors', name), 'utf8')
  return text
    .trim()
    .split('\n')
    .map(line => vector.parse(JSON.parse(line)))
}

test('liveness equals the reference on every vector', () => {
  const vectors = read('liveness.jsonl', LivenessInput)
  expect(vectors.length).toBe(400)
  expect(vectors.filter(({ expected, input }) => liveness(input).verdict !== expected)).toEqual([])
})

test('health equals the reference on every vector', () => {
  const vectors = read('health.jsonl', HealthInput)
  expect(vectors.length).toBe(300)
  expect(vectors.filter(({ expected, input }) => health(input).verdict !== expected)).toEqual([])
})
