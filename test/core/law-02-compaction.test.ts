import { fold, type LogEntry, type StateSnapshot } from '@holdfast/core'
import { compactionKeepsTheFold, CORE, writeCheckpoint, type WriteCheckpoint } from '@holdfast/core/laws'
import * as fc from 'fast-check'
import { describe, test } from 'vitest'
import { cut, decided, hostile, mixed } from './harness/histories.ts'
import { expectCaught, expectEqual, runs } from './harness/properties.ts'

const holds = (logs: fc.Arbitrary<LogEntry[]>, write: WriteCheckpoint = writeCheckpoint) =>
  fc.property(logs, fc.nat({ max: 100 }), (log, where) => {
    const history = cut(log, where)
    const { ledgerId, foreign } = fold(history.before)
    fc.pre(ledgerId !== null && !foreign)
    expectEqual(compactionKeepsTheFold(CORE, history, write))
  })

/** A compaction that loses a part of the state. */
function losing(part: keyof StateSnapshot): WriteCheckpoint {
  return state => {
    const data = writeCheckpoint(state)
    if (data.state.carrier !== 'inline') return data
    const { [part]: _, ...rest } = data.state.value as Record<string, never>
    return { ...data, state: { carrier: 'inline', value: rest } }
  }
}

describe('law 2: fold(compact(E) ++ S) = fold(E ++ S), the whole state', () => {
  test('on decided histories', () => {
    fc.assert(holds(decided()), runs(200))
  })

  test('on histories with strays: stale, late, imported, newer, unparseable', () => {
    fc.assert(holds(mixed), runs(300))
  })

  test('on hostile logs', () => {
    fc.assert(holds(hostile), runs(300))
  })

  const parts: (keyof StateSnapshot)[] = [
    'clockMs',
    'counts',
    'unrecognisedCount',
    'unreadable',
    'leases',
    'draining',
    'tickets',
    'halts',
    'spawns',
    'requests',
    'refusals',
    'attempts',
    'runs',
  ]
  test.each(parts)('mutant: a compaction that loses %s is caught', part => {
    expectCaught(holds(mixed, losing(part)))
  })
})
