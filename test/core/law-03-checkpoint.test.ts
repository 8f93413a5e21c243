import { fold, later, type LogEntry } from '@holdfast/core'
import { checkpointChangesNothing, CORE, type Folding } from '@holdfast/core/laws'
import * as fc from 'fast-check'
import { describe, test } from 'vitest'
import { cut, decided, mixed } from './harness/histories.ts'
import { expectCaught, expectEqual, runs } from './harness/properties.ts'
import { RICH_APART } from './harness/steps.ts'

const holds = <S>(logs: fc.Arbitrary<LogEntry[]>, folding: Folding<S>) =>
  fc.property(logs, fc.nat({ max: 100 }), (log, where) => {
    const history = cut(log, where)
    const { ledgerId, foreign } = fold(history.before)
    fc.pre(ledgerId !== null && !foreign)
    expectEqual(checkpointChangesNothing(folding, history))
  })

describe('a CHECKPOINT of the current state, inserted anywhere, changes nothing (law 3)', () => {
  test('in decided histories', () => {
    fc.assert(holds(decided(), CORE), runs(200))
  })

  test('in decided histories whose work trees are apart', () => {
    fc.assert(holds(decided({ config: RICH_APART }), CORE), runs(100))
  })

  test('in histories with strays', () => {
    fc.assert(holds(mixed, CORE), runs(200))
  })

  test('mutant: a fold whose clock a CHECKPOINT moves is caught', () => {
    const moving: typeof CORE = {
      ...CORE,
      evolve: (state, entry) => {
        const evolved = CORE.evolve(state, entry)
        if (entry.type === 'CHECKPOINT') evolved.clockMs = later(evolved.clockMs, 1)
        return evolved
      },
    }
    expectCaught(holds(decided(), moving))
  })

  test('mutant: a fold in which a CHECKPOINT ends all draining is caught', () => {
    const forgetful: typeof CORE = {
      ...CORE,
      evolve: (state, entry) => {
        const evolved = CORE.evolve(state, entry)
        if (entry.type !== 'CHECKPOINT') return evolved
        for (const [key] of evolved.draining.live(evolved.clockMs)) evolved.draining.delete(key)
        return evolved
      },
    }
    expectCaught(holds(decided(), forgetful))
  })
})
