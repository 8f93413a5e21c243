import type { Outcome } from '../decide/outcome.ts'
import { compare, type Comparison } from './comparison.ts'

/**
 * Law 10: the same commands with the same evidence and clock give the same outcomes on every store. Takes what two runs
 * of one script answered. test/core/law-10 for core alone; each store is held to it by the contract suite.
 */
export function sameOutcomes(expected: readonly Outcome[], actual: readonly Outcome[]): Comparison {
  return compare(expected, actual, '$.outcomes')
}
