import type { Comparison } from '@holdfast/core/laws'
import * as fc from 'fast-check'
import { expect } from 'vitest'

const FACTOR = Number(process.env['FC_RUNS_FACTOR'] ?? '1')

/** Runs of a property; a campaign multiplies them: `FC_RUNS_FACTOR=50`. */
export function runs(count: number): { readonly numRuns: number } {
  return { numRuns: count * FACTOR }
}

/** Fails with the place of the difference. */
export function expectEqual(comparison: Comparison): void {
  if (!comparison.equal) throw new Error(`differs at ${comparison.path}: ${JSON.stringify(comparison)}`)
}

/** Runs that a planted mutant is given to be caught: of one that takes some 500 each, 2,000 missed one in fifty. */
const MUTANT_RUNS = 8_000

/** The property must fail: the mutant that it looks at is caught. */
export function expectCaught<T>(property: fc.IProperty<T>): void {
  const details = fc.check(property, { numRuns: MUTANT_RUNS, endOnFailure: true })
  expect(details.failed, 'the planted mutant went unnoticed').toBe(true)
}
