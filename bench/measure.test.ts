import { expect, test } from 'vitest'
import type { Benchmark } from './benchmark.ts'
import { measureBenchmark } from './measure.ts'
import { table } from './table.ts'

const spin = (steps: number) => () => {
  let sum = 0
  for (let step = 0; step < steps; step += 1) sum += Math.sqrt(step)
  return sum
}

const benchmark: Benchmark = {
  title: 'work grows with its steps',
  budgetMs: 30,
  cases: [
    { name: 'little', run: spin(2_000) },
    { name: 'much', run: spin(200_000), ratioMax: 2 },
    { name: 'much, counted by unit', run: spin(200_000), unitsPerCall: 100 },
  ],
}

test('a ratio is taken to the first case and held against its limit', async () => {
  const [little, much, counted] = await measureBenchmark(benchmark)
  expect(little).toMatchObject({ ratio: 1, withinLimit: true })
  expect(much?.ratio).toBeGreaterThan(10)
  expect(much?.withinLimit).toBe(false)
  expect(counted?.ratio).toBeLessThan(10)
})

test('the table says which case is above its limit', () => {
  const common = { medianNs: 1_500, minNs: 1_000, p99Ns: 2e6, samples: 12 }
  const lines = table([
    { ...common, name: 'a', ratio: 1, withinLimit: true },
    { ...common, name: 'b', ratio: 3, ratioMax: 2.5, withinLimit: false },
  ]).split('\n')
  expect(lines[1]).toMatch(/a .*1\.50 µs .*1\.00 µs .*2\.00 ms .*12 .*1\.00x$/)
  expect(lines[2]).toMatch(/3\.00x ABOVE 2\.5$/)
})

test('teardown runs although a case throws', async () => {
  let tornDown = false
  const failing: Benchmark = {
    title: 'failing',
    cases: [{ name: 'throws', run: () => Promise.reject(new Error('planted')) }],
    teardown: () => {
      tornDown = true
    },
  }
  await expect(measureBenchmark(failing)).rejects.toThrow('planted')
  expect(tornDown).toBe(true)
})
