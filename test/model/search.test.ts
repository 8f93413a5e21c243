import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { runs } from '../core/harness/properties.ts'
import { moves, play, START, type Does } from './moves.ts'
import { MUTANTS, planted } from './mutants.ts'
import { CORE_AS_IT_IS, World, type Tried } from './world.ts'

/** Moves of one play. A longer search has more plays: `FC_RUNS_FACTOR=100`, or `npm run test:long`. */
const MOVES = 50
const PLAYS = 100
const MUTANT_PLAYS = 4000

const lawful = (tried: Tried, only?: readonly Does[]) =>
  fc.property(moves(MOVES, only), script => play(new World(START, tried), script))

test('no search finds two who may act and exclude each other, or a grant that the laws forbid', () => {
  fc.assert(lawful(CORE_AS_IT_IS), runs(PLAYS))
})

test.each(MUTANTS)('mutant: that $name is caught', ({ tried, only }) => {
  const { failed } = fc.check(lawful(planted(tried), only), { numRuns: MUTANT_PLAYS, endOnFailure: true })
  expect(failed, 'the planted mutant went unnoticed').toBe(true)
})
