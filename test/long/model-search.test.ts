import * as fc from 'fast-check'
import { test } from 'vitest'
import { runs } from '../core/harness/properties.ts'
import { moves, play, START } from '../model/moves.ts'
import { CORE_AS_IT_IS, World } from '../model/world.ts'

/** Together some 400,000 moves; `FC_RUNS_FACTOR` multiplies them. */
const PLAYS = 10_000
const MOVES = 80

test('a long search finds no two who may act and exclude each other, and no grant that the laws forbid', () => {
  fc.assert(
    fc.property(moves(MOVES), script => play(new World(START, CORE_AS_IT_IS), script)),
    runs(PLAYS),
  )
})
