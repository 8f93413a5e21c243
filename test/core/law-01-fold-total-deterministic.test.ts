import type { LogEntry } from '@holdfast/core'
import { CORE, foldIsDeterministic, type Folding } from '@holdfast/core/laws'
import * as fc from 'fast-check'
import { describe, test } from 'vitest'
import { hostile, mixed } from './harness/histories.ts'
import { expectCaught, expectEqual, runs } from './harness/properties.ts'

const holds = <S>(folding: Folding<S>, logs: fc.Arbitrary<LogEntry[]>) =>
  fc.property(logs, log => expectEqual(foldIsDeterministic(folding, log)))

describe('fold is total and deterministic (law 1)', () => {
  test('on any log: duplicates, gaps, unknown types, unparseable entries, no genesis', () => {
    fc.assert(holds(CORE, hostile), runs(400))
  })

  test('on decided histories with strays among them', () => {
    fc.assert(holds(CORE, mixed), runs(100))
  })

  test('truncated prefixes', () => {
    const truncated = fc.tuple(mixed, fc.nat({ max: 30 })).map(([log, from]) => log.slice(from % log.length))
    fc.assert(holds(CORE, truncated), runs(100))
  })

  test('mutant: a fold that counts beyond the log is caught', () => {
    let calls = 0
    const counting: Folding<ReturnType<typeof CORE.initial>> = {
      ...CORE,
      evolve: (state, entry) => {
        calls += 1
        const evolved = CORE.evolve(state, entry)
        if (entry.type === 'HEARTBEAT') evolved.unrecognisedCount += calls
        return evolved
      },
    }
    expectCaught(holds(counting, mixed))
  })

  test('mutant: a fold that throws on what it does not know is caught', () => {
    const throwing: typeof CORE = {
      ...CORE,
      evolve: (state, entry) => {
        if (entry.type === 'UNRECOGNISED') throw new Error(entry.detail)
        return CORE.evolve(state, entry)
      },
    }
    expectCaught(holds(throwing, hostile))
  })
})
