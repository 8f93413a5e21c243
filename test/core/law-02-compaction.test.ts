import { fold, StateSnapshot, type LogEntry } from '@holdfast/core'
import { CheckpointData } from '@holdfast/core/internal'
import { compactionKeepsTheFold, CORE, writeCheckpoint, type WriteCheckpoint } from '@holdfast/core/laws'
import * as fc from 'fast-check'
import { describe, test } from 'vitest'
import { acquire, scavenge } from './harness/commands.ts'
import { CoreLedger } from './harness/core-ledger.ts'
import { cut, decided, hostile, mixed } from './harness/histories.ts'
import { granted } from './harness/outcomes.ts'
import { expectCaught, expectEqual, runs } from './harness/properties.ts'
import { RICH_APART } from './harness/steps.ts'

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

/** Somebody is forced out, and others come while he may still believe, past his time by the log and past the bound. */
const drained: fc.Arbitrary<LogEntry[]> = fc
  .tuple(fc.nat({ max: 11 }), fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 6 }))
  .map(([forcedAtMs, waitsMs]) => {
    const ledger = new CoreLedger({ gaps: true })
    const lease = granted(ledger.run(acquire('x', 'A')))
    ledger.at(forcedAtMs).run(scavenge(lease, { force: true }))
    for (const waitMs of waitsMs) ledger.at(ledger.nowMs + waitMs).run(acquire(`y${ledger.log.length}`, 'B'))
    return ledger.log
  })

/** A compaction that writes something else of what drains. */
function drainingAs(change: (snapshot: StateSnapshot) => StateSnapshot['draining']): WriteCheckpoint {
  return rewritten(snapshot => ({ draining: change(snapshot) }))
}

/** A compaction that writes something else of a part. */
function rewritten(change: (snapshot: StateSnapshot) => Partial<StateSnapshot>): WriteCheckpoint {
  return state => {
    const data = writeCheckpoint(state)
    if (data.state.carrier !== 'inline') return data
    const snapshot = StateSnapshot.parse(data.state.value)
    const value: unknown = { ...snapshot, ...change(snapshot) }
    return CheckpointData.parse(JSON.parse(JSON.stringify({ ...data, state: { carrier: 'inline', value } })))
  }
}

describe('fold(compact(E) ++ S) = fold(E ++ S), the whole state (law 2)', () => {
  test('on decided histories', () => {
    fc.assert(holds(decided()), runs(200))
  })

  test('on decided histories whose work trees are apart', () => {
    fc.assert(holds(decided({ config: RICH_APART })), runs(100))
  })

  test('on histories with strays: stale, late, imported, newer, unparseable', () => {
    fc.assert(holds(mixed), runs(300))
  })

  test('on hostile logs', () => {
    fc.assert(holds(hostile), runs(300))
  })

  test('on what drains, whether its time is over by the log or not', () => {
    fc.assert(holds(drained), runs(200))
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

  test('mutant: a compaction that forgets the work trees of leases is caught', () => {
    expectCaught(
      holds(
        decided({ config: RICH_APART }),
        rewritten(snapshot => ({ leases: snapshot.leases.map(lease => ({ ...lease, workTree: null })) })),
      ),
    )
  })

  test('mutant: a compaction that forgets the work trees of what drains is caught', () => {
    expectCaught(
      holds(
        decided({ config: RICH_APART }),
        drainingAs(({ draining }) => draining.map(([key, { workTree: _, ...entry }]) => [key, entry])),
      ),
    )
  })

  test('mutant: a compaction that leaves out what drains no longer by the log clock is caught', () => {
    expectCaught(
      holds(
        drained,
        drainingAs(({ draining, clockMs }) => draining.filter(([, { untilMs }]) => untilMs > clockMs)),
      ),
    )
  })

  test('mutant: a compaction that forgets for how long what drains is kept is caught', () => {
    expectCaught(
      holds(
        drained,
        drainingAs(({ draining }) => draining.map(([key, { keptUntilMs: _, ...entry }]) => [key, entry])),
      ),
    )
  })
})
