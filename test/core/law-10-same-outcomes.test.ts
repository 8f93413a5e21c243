import { decide, type Outcome } from '@holdfast/core'
import { sameOutcomes } from '@holdfast/core/laws'
import * as fc from 'fast-check'
import { describe, test } from 'vitest'
import { CoreLedger, type Deciding } from './harness/core-ledger.ts'
import { expectCaught, expectEqual, runs } from './harness/properties.ts'
import { play, RICH, steps, type Step } from './harness/steps.ts'

// Core alone stands for a store here: the script is played on a fold that grows and on one that is rebuilt from a
// CHECKPOINT. Memory, SQLite and EventStoreDB are held to the same law by the stores' suites.

const outcomes = (script: readonly Step[], deciding: Deciding): Outcome[] =>
  play(new CoreLedger({ config: RICH, decide: deciding }), script).map(({ outcome }) => outcome)

const holds = (deciding: () => Deciding) =>
  fc.property(steps(), script => {
    expectEqual(sameOutcomes(outcomes(script, deciding()), outcomes(script, deciding())))
  })

describe('the same commands, evidence and clock give the same outcomes (law 10)', () => {
  test('on two ledgers of core', () => {
    fc.assert(
      holds(() => decide),
      runs(150),
    )
  })

  test('deciding once or three times gives the same and leaves the state alone', () => {
    const patient: Deciding = (state, command, around) => {
      const first = decide(state, command, around)
      decide(state, command, around)
      const third = decide(state, command, around)
      expectEqual(sameOutcomes(answers(first), answers(third)))
      return third
    }
    fc.assert(
      holds(() => patient),
      runs(60),
    )
  })

  test('mutant: a decider that remembers outside the log is caught', () => {
    let calls = 0
    const moody = (): Deciding => (state, command, around) => {
      calls += 1
      return decide(state, command, calls % 97 === 0 ? { nowMs: around.nowMs } : around)
    }
    expectCaught(holds(moody))
  })
})

function answers(decision: ReturnType<Deciding>): Outcome[] {
  return decision.kind === 'final' ? [decision.outcome] : []
}
