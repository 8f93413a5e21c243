import { fold, type LogEntry } from '@holdfast/core'
import { checkpointData, closedToGrants, later } from '@holdfast/core/internal'
import {
  checkpointChangesNothing,
  checkpointEntry,
  CORE,
  type Folding,
  type WriteCheckpoint,
} from '@holdfast/core/laws'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cut, decided, mixed } from './harness/histories.ts'
import { expectCaught, expectEqual, runs } from './harness/properties.ts'
import { RICH_APART } from './harness/steps.ts'

const holds = <S>(logs: fc.Arbitrary<LogEntry[]>, folding: Folding<S>, write?: WriteCheckpoint) =>
  fc.property(logs, fc.nat({ max: 100 }), (log, where) => {
    const history = cut(log, where)
    const { ledgerId, foreign } = fold(history.before)
    fc.pre(ledgerId !== null && !foreign)
    expectEqual(checkpointChangesNothing(folding, history, write))
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

  /** What stands in the log when the state lies beside it. */
  const beside: WriteCheckpoint = state =>
    checkpointData(state, { state: { carrier: 'beside', stream: 'side' }, reason: '' })

  test('also when its state lies beside it, and nobody reads that', () => {
    fc.assert(holds(decided(), CORE, beside), runs(200))
    fc.assert(holds(mixed, CORE, beside), runs(200))
  })

  test('mutant: one beside that says a revision too early is caught', () => {
    const early: WriteCheckpoint = state => ({ ...beside(state), throughRevision: state.head - 1 })
    expectCaught(holds(decided(), CORE, early))
  })

  test('a CHECKPOINT beside that is met without what was before it stops writers', () => {
    fc.assert(
      fc.property(decided(), fc.nat({ max: 100 }), (log, where) => {
        const { before } = cut(log, where)
        const state = fold(before)
        fc.pre(state.ledgerId !== null)
        const entry = checkpointEntry(state, beside)
        expect(closedToGrants(fold([entry]))).not.toBeNull()
        // The same where only the last entry before it is missing.
        fc.pre(before.length > 1)
        expect(closedToGrants(fold([...before.slice(0, -1), entry]))?.code).toBe('ledger-newer')
      }),
      runs(100),
    )
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
