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
      ledger.run(beat(lease, { metadata: { [name]: 1 } }))
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
