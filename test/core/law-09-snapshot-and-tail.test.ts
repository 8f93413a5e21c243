import { fold, type LogEntry } from '@holdfast/core'
import { CORE, incrementalIsWhole, snapshotAndTail, writeCheckpoint, type WriteCheckpoint } from '@holdfast/core/laws'
import * as fc from 'fast-check'
import { describe, test } from 'vitest'
import { cut, decided, hostile, mixed } from './harness/histories.ts'
import { expectCaught, expectEqual, runs } from './harness/properties.ts'

const snapshots = (logs: fc.Arbitrary<LogEntry[]>, write: WriteCheckpoint = writeCheckpoint) =>
  fc.property(logs, fc.nat({ max: 100 }), (log, where) => {
    const before = log.slice(0, where % (log.length + 1))
    const { ledgerId, foreign } = fold(before)
    fc.pre(ledgerId !== null && !foreign)
    expectEqual(snapshotAndTail({ before, after: log.slice(before.length) }, write))
  })

const pieces = (logs: fc.Arbitrary<LogEntry[]>, folding = CORE) =>
  fc.property(logs, fc.nat({ max: 100 }), (log, where) =>
    expectEqual(incrementalIsWhole(folding, log.length === 0 ? { before: [], after: [] } : cut(log, where))),
  )

describe('snapshot and tail = fold from the start; incremental = whole (law 9)', () => {
  test.each([
    { title: 'decided histories', logs: decided() },
    { title: 'histories with strays', logs: mixed },
    { title: 'hostile logs', logs: hostile },
  ])('on $title', ({ logs }) => {
    fc.assert(snapshots(logs), runs(150))
    fc.assert(pieces(logs), runs(150))
  })

  test('mutant: a snapshot that rounds beats down is caught', () => {
    const rounding: WriteCheckpoint = state => {
      const data = writeCheckpoint(state)
      if (data.state.carrier !== 'inline') return data
      const text = JSON.stringify(data.state.value).replaceAll(/"lastBeatAtMs":\d+/g, '"lastBeatAtMs":0')
      return { ...data, state: { carrier: 'inline', value: JSON.parse(text) as null } }
    }
    expectCaught(snapshots(decided(), rounding))
  })

  test('mutant: a snapshot that cannot be read back is caught', () => {
    const illegible: WriteCheckpoint = state => ({
      ...writeCheckpoint(state),
      state: { carrier: 'inline', value: { leases: 'some' } },
    })
    expectCaught(snapshots(decided(), illegible))
  })

  test('mutant: a fold that takes an entry twice is caught', () => {
    const twice: typeof CORE = {
      ...CORE,
      evolve: (state, entry) => {
        if (entry.revision <= state.head) state.head = -1
        return CORE.evolve(state, entry)
      },
    }
    expectCaught(pieces(mixed, twice))
  })
})
