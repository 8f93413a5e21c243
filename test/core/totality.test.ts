import {
  decide,
  evolve,
  fork,
  liveLeases,
  snapshotState,
  waitingCycles,
  type Command,
  type LogEntry,
  type ProposedEvent,
} from '@holdfast/core'
import {
  BLOCKERS_MAX,
  CLAIMS_MAX,
  NAME_LENGTH_MAX,
  PREDICATE_NAME_LENGTH_MAX,
  REGION_LENGTH_TOTAL_MAX,
  TEXT_LENGTH_MAX,
  WITNESS_LENGTH_MAX,
} from '@holdfast/core/internal'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { atMs } from './harness/alphabet.ts'
import { acquire, acquireAll, adopt, beat, halt, release, scavenge, spawn, withdraw } from './harness/commands.ts'
import { CoreLedger, type Deciding } from './harness/core-ledger.ts'
import { entryAfter } from './harness/entry-after.ts'
import { hostile } from './harness/histories.ts'
import { granted, refused } from './harness/outcomes.ts'
import { expectCaught, runs } from './harness/properties.ts'
import { play, RICH, steps } from './harness/steps.ts'

/** Whoever writes to it or to anything in it throws. */
function frozen<T>(value: T): T {
  for (const part of typeof value === 'object' && value !== null ? Object.values(value) : []) frozen(part)
  return Object.freeze(value)
}

const untouched = (deciding: Deciding, folding: typeof evolve) =>
  fc.property(steps(25), hostile, (script, strays) => {
    const ledger = new CoreLedger({
      config: RICH,
      decide: (state, command, { nowMs, evidence }) => {
        const before = JSON.stringify(snapshotState(state))
        const decision = deciding(state, frozen(command), Object.freeze({ nowMs, evidence }))
        if (JSON.stringify(snapshotState(state)) !== before) throw new Error(`${command.type} changed the state`)
        return frozen(decision)
      },
      evolve: (state, entry) => folding(state, frozen(entry)),
    })
    play(ledger, script)
    const branch = fork(ledger.state)
    for (const stray of strays) folding(branch, frozen(stray))
  })

describe('decide and evolve leave what they are given alone', () => {
  test('commands, evidence and entries that nobody may write to are enough for them', () => {
    fc.assert(untouched(decide, evolve), runs(60))
  })

  test('mutant: a fold that keeps its notes in the entry is caught', () => {
    const noting = (state: Parameters<typeof evolve>[0], entry: LogEntry) => {
      if (entry.type === 'HEARTBEAT') entry.data.reason = 'seen'
      return evolve(state, entry)
    }
    expectCaught(untouched(decide, noting))
  })

  test('mutant: a decider that tries things out on the state itself is caught', () => {
    const careless: Deciding = (state, command, around) => {
      if (command.type === 'withdraw') state.counts.REFUSE += 1
      return decide(state, command, around)
    }
    expectCaught(untouched(careless, evolve))
  })
})

/** A log whose last entry bears this time, whatever it is. */
function ledgerAt(recordedAt: number): CoreLedger {
  const ledger = new CoreLedger({ config: RICH })
  const data = { handle: 'h', reason: '' }
  ledger.push(entryAfter(ledger, { type: 'HALT', recordedAt, data }))
  return ledger
}

describe('names and times that nobody expects', () => {
  test('names that every object inherits are names like others', () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '**', '[]']
    const ledger = new CoreLedger({ config: { lanes: { toString: { region: ['src/**'] } }, exclusiveLanes: [] } })
    for (const name of names) {
      const options = { requestId: name, runId: name, kind: name, ttlMs: 20 }
      const lease = granted(ledger.run(acquire(name, name, options)))
      expect(lease.region).toEqual(name === 'toString' ? ['src/**'] : [])
      expect(granted(ledger.run(acquire(name, name, options))).leaseId).toBe(lease.leaseId)
      expect(refused(ledger.run(acquire(name, 'B', { requestId: name, wait: true }))).code).toBe('lane-held')
      ledger.run(spawn(name, name))
      ledger.run(halt(name, { lane: lease.lane }))
      // The one name that a document cannot keep as a key is refused where the metadata is read.
      if (name !== '__proto__') ledger.run(beat(lease, { metadata: { [name]: 1 } }))
      expect(ledger.run(withdraw('B', name))).toMatchObject({ found: true })
      ledger.compact()
      expect(ledger.state.leases.get(lease.leaseId)).toMatchObject({ lane: name, holder: name })
    }
    expect(ledger.state.leases.size).toBe(names.length)
    for (const lease of liveLeases(ledger.state)) expect(ledger.run(release(lease)).outcome).toBe('released')
  })

  // Every event that decide proposes is read back: one that no reader takes would stop all writers.
  test.each([Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER - 10, -Number.MAX_SAFE_INTEGER, -1, 0])(
    'decide answers what a log can hold when the log stands at %d',
    at => {
      fc.assert(
        fc.property(steps(12), script => {
          const ledger = ledgerAt(at)
          play(ledger, script)
          waitingCycles(ledger.state, ledger.nowMs)
          ledger.compact()
          expect(ledger.state.unreadable).toEqual([])
        }),
        runs(15),
      )
    },
  )

  test('a decider whose clock stands at either end of time, or nowhere, is answered', () => {
    const ledger = new CoreLedger({ config: RICH })
    const lease = granted(ledger.run(acquire('x', 'A')))
    const claims = [{ lane: 'x' }, { lane: 'y' }]
    const commands: Command[] = [
      acquire('x', 'B', { requestId: 'r', wait: true }),
      acquireAll('any', claims, 'B'),
      acquireAll('all', claims, 'B'),
      beat(lease),
      adopt(lease, 'B'),
      scavenge(lease),
    ]
    for (const ms of [Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER]) {
      for (const command of commands) decide(ledger.state, command, { nowMs: atMs(ms) })
    }
  })

  test.each([0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60, -1])('an entry of revision %d is none', revision => {
    const ledger = new CoreLedger()
    const { head } = ledger.state
    ledger.push(entryAfter(ledger, { revision }))
    expect(ledger.state).toMatchObject({ head, unreadable: [], unrecognisedCount: 0 })
    const event: ProposedEvent = { type: 'HALT', data: { handle: 'h', reason: '' } }
    expect(ledger.append(event).revision).toBe(head + 1)
  })
})

/** What every store takes as one event. */
const EVENT_BYTES_MAX = 512 * 1024

describe('the longest that anybody may say', () => {
  // The ledger of these tests reads each event back, and an event that no reader takes fails there.
  const bytesOfLast = (ledger: CoreLedger) => Buffer.byteLength(JSON.stringify(ledger.log.at(-1)))
  const wide = (length: number) => '語'.repeat(length)

  test('claims that exclude each other over a long path', () => {
    const claims = ['a', 'b'].map(lane => ({ lane, region: [wide(WITNESS_LENGTH_MAX + 1)] }))
    const answer = refused(new CoreLedger().run(acquireAll('all', claims, 'A')))
    expect(answer).toMatchObject({ code: 'self-conflict', reason: 'the claims on a and b exclude each other' })
  })

  test('a witness is named as long as it can be told', () => {
    const witnesses = [WITNESS_LENGTH_MAX, WITNESS_LENGTH_MAX + 1].map(length => {
      const ledger = new CoreLedger()
      granted(ledger.run(acquire('x', 'A', { region: [wide(length)] })))
      return refused(ledger.run(acquire('y', 'B', { region: ['**'] }))).blockers.map(({ code, witness }) => [
        code,
        witness,
      ])
    })
    expect(witnesses).toEqual([[['region-held', wide(WITNESS_LENGTH_MAX)]], [['region-held', undefined]]])
  })

  test('the reason and the name of a local predicate', () => {
    const ledger = new CoreLedger()
    const predicates = [{ name: wide(999), allowed: false, reason: wide(9999) }]
    expect(refused(ledger.run(acquire('x', 'A'), { predicates })).reason).toBe(wide(TEXT_LENGTH_MAX))
    const evidence = { predicate: wide(PREDICATE_NAME_LENGTH_MAX) }
    expect(ledger.log.at(-1)).toMatchObject({ data: { evidence, reason: wide(TEXT_LENGTH_MAX) } })
    expect(refused(ledger.run(acquire('x', 'A'), { predicates })).coalesced).toBe(true)
  })

  test.each(['語', '\u0001', '"'])('a refusal of everything, with names and globs full of %j', char => {
    const ledger = new CoreLedger()
    const named = (index: number) => wide(NAME_LENGTH_MAX - 2) + String(index).padStart(2, '0')
    const glob = (index: number) => `${char.repeat(WITNESS_LENGTH_MAX - 2)}${String(index).padStart(2, '0')}`
    const holder = named(99)
    for (let index = 0; index < BLOCKERS_MAX; index += 1) {
      granted(ledger.run(acquire(named(index), holder, { region: [glob(index)] })))
    }
    // As many characters as one command may have, each as long in JSON as it gets.
    const perClaim = Math.floor(REGION_LENGTH_TOTAL_MAX / CLAIMS_MAX / (JSON.stringify(char).length - 2)) - 8
    granted(ledger.run(acquire('last', holder, { region: [char.repeat(perClaim)] })))
    const claims = Array.from({ length: CLAIMS_MAX }, (_, index) => ({
      lane: named(index),
      region: index === 0 ? ['**'] : [char.repeat(perClaim)],
      kind: named(index),
    }))
    const options = { reason: char.repeat(TEXT_LENGTH_MAX), runId: named(1), requestId: named(2) }
    expect(ledger.run(acquireAll('any', claims, named(98), options)).outcome).toBe('refused')
    expect(ledger.log.at(-1)).toMatchObject({ type: 'REFUSE', data: { moreBlockers: 1 } })
    expect(bytesOfLast(ledger)).toBeLessThan(EVENT_BYTES_MAX)
  })
})
