import {
  decide,
  evolve,
  fold,
  fork,
  parseEntry,
  restoreState,
  snapshotState,
  type LogEntry,
  type RawEntry,
} from '@holdfast/core'
import { stopsWriters } from '@holdfast/core/internal'
import { CORE, foldIsDeterministic, writeCheckpoint } from '@holdfast/core/laws'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nextEventId } from './harness/alphabet.ts'
import { acquire } from './harness/commands.ts'
import { CoreLedger } from './harness/core-ledger.ts'
import { expectCaught, expectEqual, runs } from './harness/properties.ts'

/** A log may hold any JSON where an entry should have a field. */
const ODD = [
  {},
  [],
  ['ACQUIRE'],
  ['HALT'],
  null,
  true,
  '5',
  '',
  7.5,
  -1,
  { toString: 1, valueOf: 1 },
  { valueOf: null, toString: null },
  { length: 3 },
  JSON.parse('{"__proto__": {"type": "ACQUIRE"}}') as unknown,
  '__proto__',
  'constructor',
]

const odd = fc.oneof(fc.constantFrom(...ODD), fc.jsonValue({ maxDepth: 2 }))
const field = <T>(sound: fc.Arbitrary<T>) => fc.oneof({ weight: 8, arbitrary: sound }, { weight: 1, arbitrary: odd })

const raws = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.record(
      {
        type: field(fc.constantFrom('ACQUIRE', 'HEARTBEAT', 'ADOPT', 'RELEASE', 'CHECKPOINT', 'HALT', 'FROB')),
        revision: field(fc.integer({ min: 2, max: 60 })),
        recordedAt: field(fc.integer({ min: 0, max: 30 })),
        schemaVersion: field(fc.constantFrom(0, 1, 1, 2)),
        eventId: field(fc.constant(nextEventId())),
        actor: field(fc.constant(null)),
        runId: field(fc.constant('run')),
        causation: field(fc.constant(nextEventId())),
        origin: field(fc.constant({ format: 'f' })),
        data: field(fc.constant({ lane: 'x', leaseId: 'x@1', token: 1, handle: 'h' })),
      },
      { requiredKeys: ['type', 'recordedAt', 'schemaVersion', 'eventId', 'actor', 'data'] },
    ),
  },
  { weight: 1, arbitrary: odd },
)

/** As a store gives it: through JSON, where an own key may be `__proto__`. The cast is the lie that a store tells of a damaged log. */
const asStored = (value: unknown): RawEntry => JSON.parse(JSON.stringify(value) ?? 'null') as RawEntry

const total = (parse: typeof parseEntry) =>
  fc.property(fc.array(raws, { maxLength: 12 }), given => {
    const stored = given.map(asStored)
    const read = stored.map(raw => parse(raw))
    const log: LogEntry[] = [...new CoreLedger().log, ...read]
    for (const [index, { type }] of read.entries()) expect([stored[index]?.type, 'UNRECOGNISED']).toContain(type)
    expectEqual(foldIsDeterministic(CORE, log))
    const state = fold(log)
    expect(restoreState(writeCheckpoint(state))).not.toBeNull()
    expect(() => JSON.stringify(snapshotState(state))).not.toThrow()
    // A revision at or below the head was folded already; everything else that cannot be read stops writers.
    let head = 0
    let stops = stored.some(raw => typeof raw?.revision !== 'number')
    for (const entry of read) {
      if (!(entry.revision > head) || !Number.isSafeInteger(entry.revision)) continue
      head = entry.revision
      if (entry.type === 'UNRECOGNISED' && stopsWriters(entry)) stops = true
    }
    const decision = decide(fork(state), acquire('y', 'B'), { nowMs: state.clockMs })
    if (stops && decision.kind === 'final') expect(decision.outcome.outcome).toBe('blocked')
  })

describe('whatever a store gives is read and folded (law 1 over raw entries)', () => {
  test('any JSON in the place of any field, and of the entry', () => {
    fc.assert(total(parseEntry), runs(300))
  })

  test('mutant: a reader that takes a list of one type for the type is caught', () => {
    expectCaught(
      total(raw => {
        // It is typed as sound, and may be anything.
        const type: unknown = (raw as Partial<RawEntry> | null)?.type
        return parseEntry(Array.isArray(type) ? { ...raw, type: String(type) } : raw)
      }),
    )
  })

  test('mutant: a reader that passes over what has no revision is caught', () => {
    expectCaught(
      total(raw => {
        const entry = parseEntry(raw)
        return Number.isNaN(entry.revision) ? parseEntry({ ...raw, revision: Number.NaN }) : entry
      }),
    )
  })

  test.each(
    [{}, [], ['ACQUIRE'], null, { toString: 1, valueOf: 1 }].flatMap(value =>
      ['type', 'revision', 'recordedAt', 'schemaVersion', 'eventId'].map(name => ({ name, value })),
    ),
  )('an entry whose $name is $value is shown as unrecognised, and stops writers', ({ name, value }) => {
    const sound = { ...new CoreLedger().log[0], revision: 5, [name]: value }
    // One field is not what its type says: that is the case.
    const entry = parseEntry(sound as unknown as RawEntry)
    expect(entry).toMatchObject({
      type: 'UNRECOGNISED',
      problem: 'invalid',
      revision: name === 'revision' ? Number.NaN : 5,
    })
    const ledger = new CoreLedger()
    ledger.push(entry)
    expect(ledger.run(acquire('x', 'A'))).toMatchObject({ outcome: 'blocked', code: 'ledger-newer' })
  })

  test('an entry that never was read, of a type that there is not, stops writers and leaves a state', () => {
    const ledger = new CoreLedger()
    // What `parseEntry` never gives, as a reader of another version might.
    const entry = { ...ledger.log[0], revision: 5, type: ['ACQUIRE'] } as unknown as LogEntry
    const state = evolve(ledger.state, entry)
    expect(state).toMatchObject({ head: 5, unreadable: [5], unrecognisedCount: 1 })
    expect(fold([entry])).toMatchObject({ head: 5 })
  })

  test('one without a place of its own is passed over by an operator as of the head', () => {
    const ledger = new CoreLedger()
    // No field at all, which its type does not allow.
    ledger.push(parseEntry({} as unknown as RawEntry))
    expect(ledger.run(acquire('x', 'A'))).toMatchObject({ outcome: 'blocked' })
    expect(ledger.state).toMatchObject({ unreadable: [], unreadableMore: 1 })
  })
})

test.each([null, undefined, 7, 'ACQUIRE', true])('%o in the place of an entry is counted, and stops writers', given => {
  // What only JavaScript can hand over, and what is no entry at all: the fold is total.
  const state = fold([given] as unknown as LogEntry[])
  expect(state).toMatchObject({ unrecognisedCount: 1, unreadableMore: 1 })
})
