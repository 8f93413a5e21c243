import { decide, evolve, fold, initialState, restoreState, snapshotState, type RawEntry } from '@holdfast/core'
import { RecordedConfiguration, UNREADABLE_NAMED_MAX, WRITER_VERSION } from '@holdfast/core/internal'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { LEDGER_ID, LINKED_TREE, MAIN_TREE, nextCommandId, SMALL } from './harness/alphabet.ts'
import {
  acquire,
  adopt,
  beat,
  checkpoint,
  commandOf,
  configure,
  halt,
  release,
  repair,
  scavenge,
  spawn,
  withdraw,
} from './harness/commands.ts'
import { CoreLedger } from './harness/core-ledger.ts'
import { entryAfter } from './harness/entry-after.ts'
import { expectOutcome, granted } from './harness/outcomes.ts'

const NEWER: Partial<RawEntry> = { schemaVersion: 2 }
const UNPARSEABLE: Partial<RawEntry> = { data: { lane: 7 } }

function withLease() {
  const ledger = new CoreLedger()
  return { ledger, lease: granted(ledger.run(acquire('x', 'A'))) }
}

describe('mixed versions fail closed', () => {
  test.each([
    { what: 'a newer schema', fields: NEWER },
    { what: 'a known type that does not parse', fields: UNPARSEABLE },
    { what: 'a newer CHECKPOINT', fields: { ...NEWER, type: 'CHECKPOINT' } },
  ])('$what stops grants, evictions, adoptions and checkpoints, not beats, releases and intents', ({ fields }) => {
    const { ledger, lease } = withLease()
    ledger.push(entryAfter(ledger, fields))
    const before = ledger.state.head
    for (const command of [
      acquire('y', 'B'),
      adopt(lease, 'B', { force: true }),
      scavenge(lease, { force: true }),
      checkpoint(),
      configure(SMALL),
    ]) {
      expect(ledger.run(command)).toMatchObject({ outcome: 'blocked', code: 'ledger-newer' })
    }
    expect(ledger.state.head).toBe(before)
    expectOutcome(ledger.run(beat(lease)), 'beaten')
    expectOutcome(ledger.run(halt('h')), 'recorded')
    expectOutcome(ledger.run(spawn('x', 'B')), 'recorded')
    expectOutcome(ledger.run(release(lease)), 'released')
  })

  test('an unknown type at a known version is counted and stops nobody', () => {
    const { ledger } = withLease()
    ledger.push(entryAfter(ledger, { type: 'FROB' }))
    expect(ledger.state.unrecognisedCount).toBe(1)
    granted(ledger.run(acquire('y', 'B')))
  })

  test('an entry that nobody here understands moves the clock of the log, a CHECKPOINT moves none', () => {
    const { ledger } = withLease()
    for (const [fields, clockMs] of [
      [{ type: 'FROB', recordedAt: 5 }, 5],
      [{ ...UNPARSEABLE, recordedAt: 7 }, 7],
      [{ ...NEWER, recordedAt: 3 }, 7],
      [{ type: 'FROB', recordedAt: Number.NaN }, 7],
      [{ type: 'CHECKPOINT', recordedAt: 9 }, 7],
      [{ ...NEWER, type: 'CHECKPOINT', recordedAt: 9 }, 7],
    ] as const) {
      ledger.push(entryAfter(ledger, fields))
      expect(ledger.state.clockMs).toBe(clockMs)
    }
  })

  test('a CHECKPOINT whose state cannot be read is an unreadable entry, and the state stays', () => {
    const { ledger, lease } = withLease()
    const parts = { carrier: 'parts', stream: 's', parts: 1, sha256: 'a'.repeat(64) } as const
    expectOutcome(ledger.run(checkpoint({ carrier: parts })), 'checkpointed')
    expect(ledger.state.unreadable).toEqual([ledger.state.head])
    expect(ledger.state.leases.get(lease.leaseId)).toBeDefined()
    expectOutcome(ledger.run(acquire('y', 'B')), 'blocked')
  })

  test('repair decides on one entry at a time, by its revision', () => {
    const { ledger } = withLease()
    ledger.push(entryAfter(ledger, NEWER))
    ledger.push(entryAfter(ledger, UNPARSEABLE))
    const [first = 0, second = 0] = ledger.state.unreadable
    expect(ledger.run(repair(1_000))).toMatchObject({ outcome: 'invalid', faults: [{ path: 'skip' }] })
    expectOutcome(ledger.run(repair(first)), 'checkpointed')
    expect(ledger.run(acquire('y', 'B'))).toMatchObject({ outcome: 'blocked' })
    expectOutcome(ledger.run(repair(first)), 'invalid')
    expectOutcome(ledger.run(repair(second)), 'checkpointed')
    granted(ledger.run(acquire('y', 'B')))
    expect(ledger.log.at(-2)).toMatchObject({ type: 'CHECKPOINT', data: { skips: [second] } })
  })

  test('more unreadable entries than are named still stop writers when the named ones are repaired', () => {
    const { ledger } = withLease()
    for (let count = 0; count < UNREADABLE_NAMED_MAX + 2; count += 1) ledger.push(entryAfter(ledger, NEWER))
    expect(ledger.state.unreadable).toHaveLength(UNREADABLE_NAMED_MAX)
    expectOutcome(ledger.run(repair(ledger.state.head)), 'invalid')
    for (const revision of ledger.state.unreadable) expectOutcome(ledger.run(repair(revision)), 'checkpointed')
    expect(ledger.run(acquire('y', 'B'))).toMatchObject({
      outcome: 'blocked',
      message: expect.stringContaining('2 more') as string,
    })
    expectOutcome(ledger.run(repair(ledger.state.head)), 'checkpointed')
    granted(ledger.run(acquire('y', 'B')))
  })

  test('unreadable CHECKPOINTs are bounded like every other unreadable entry', () => {
    const { ledger } = withLease()
    const data = {
      ...(ledger.log[0]?.type === 'CHECKPOINT' ? ledger.log[0].data : {}),
      state: { carrier: 'inline', value: 7 },
    }
    for (let count = 0; count < UNREADABLE_NAMED_MAX + 5; count += 1)
      ledger.push(entryAfter(ledger, { type: 'CHECKPOINT', data }))
    expect(ledger.state.unreadable).toHaveLength(UNREADABLE_NAMED_MAX)
    expect(ledger.state.unreadableMore).toBe(5)
  })

  test('a ledger that asks for newer writers is read, not written, and not repaired', () => {
    const { ledger, lease } = withLease()
    const [genesis] = ledger.log
    if (genesis?.type !== 'CHECKPOINT') throw new Error('a log begins with genesis')
    const value = snapshotState(ledger.state)
    const data = { ...genesis.data, minWriter: WRITER_VERSION + 1, state: { carrier: 'inline', value } }
    ledger.push(entryAfter(ledger, { type: 'CHECKPOINT', data }))
    expect(ledger.run(acquire('y', 'B'))).toMatchObject({ outcome: 'blocked', code: 'ledger-newer' })
    expect(ledger.run(repair(1))).toMatchObject({ outcome: 'blocked', code: 'ledger-newer' })
    expectOutcome(ledger.run(beat(lease)), 'beaten')
  })
})

describe('work trees, to a program that does not know of them', () => {
  /** What such a program takes for a configuration. */
  const { workTrees: _, ...known } = RecordedConfiguration.shape
  const OldConfiguration = z.strictObject(known)
  const configsOf = ({ log }: CoreLedger) =>
    log.flatMap(entry =>
      entry.type === 'CHECKPOINT' ? [JSON.parse(JSON.stringify(entry.data.config)) as unknown] : [],
    )

  test('a ledger that has no need of the setting stays readable: it is not written down, however it is asked for', () => {
    const ledger = new CoreLedger({ config: { workTrees: 'together' } })
    ledger.run(acquire('x', 'A', { region: ['src'], workTree: MAIN_TREE }))
    ledger.run(configure({ ...SMALL, workTrees: 'together' }))
    ledger.run(checkpoint())
    expect(configsOf(ledger)).toHaveLength(3)
    for (const config of configsOf(ledger)) expect(OldConfiguration.safeParse(config).success).toBe(true)
  })

  test('a ledger whose trees are apart is closed to it, from genesis or from the change on', () => {
    const fromGenesis = new CoreLedger({ config: { workTrees: 'apart' } })
    const changed = new CoreLedger()
    changed.run(configure({ ...SMALL, workTrees: 'apart' }))
    for (const ledger of [fromGenesis, changed]) {
      ledger.run(checkpoint())
      expect(OldConfiguration.safeParse(configsOf(ledger).at(-1)).success).toBe(false)
    }
    changed.run(configure({ ...SMALL, workTrees: 'together' }))
    expect(OldConfiguration.safeParse(configsOf(changed).at(-1)).success).toBe(true)
  })

  test('leases and drains that it has written down without their trees are in unknown ones, and conflict with all', () => {
    const ledger = new CoreLedger({ config: { workTrees: 'apart' } })
    const first = granted(ledger.run(acquire('x', 'A', { region: ['src'], workTree: MAIN_TREE })))
    granted(ledger.run(acquire('y', 'A', { region: ['docs'], workTree: MAIN_TREE })))
    ledger.run(scavenge(first, { force: true }))
    const [genesis] = ledger.log
    if (genesis?.type !== 'CHECKPOINT') throw new Error('a log begins with genesis')
    const text = JSON.stringify(snapshotState(ledger.state), (key, value: unknown) =>
      key === 'workTree' ? undefined : value,
    )
    const value = JSON.parse(text) as never
    const restored = restoreState({ ...genesis.data, state: { carrier: 'inline', value } })
    if (restored === null) throw new Error('a state of before work trees can be read')
    expect([...restored.leases.values()].map(({ workTree }) => workTree)).toEqual([null])
    for (const region of ['src', 'docs']) {
      const asked = acquire('z', 'B', { region: [region], workTree: LINKED_TREE })
      expect(decide(restored, asked, { nowMs: ledger.nowMs })).toMatchObject({ outcome: { outcome: 'refused' } })
      expectOutcome(ledger.run(acquire(`z-${region}`, 'B', { region: [region], workTree: LINKED_TREE })), 'granted')
    }
  })
})

describe('the wrong log', () => {
  const found = commandOf({ type: 'found', commandId: nextCommandId(), ledgerId: LEDGER_ID, config: SMALL })
  const around = { nowMs: new CoreLedger().nowMs }

  test('a log that a newer program has compacted is newer, not foreign, and is never founded again', () => {
    const ledger = new CoreLedger()
    const newer = entryAfter(ledger, { ...NEWER, type: 'CHECKPOINT' })
    const beatAfter = entryAfter(ledger, { revision: 2, data: { lane: 'x', leaseId: 'x@1', token: 1 } })
    for (const log of [[newer], [newer, beatAfter]]) {
      const state = fold(log)
      expect(state.foreign).toBe(false)
      const decision = decide(state, found, around)
      expect(decision).toMatchObject({ events: [], outcome: { outcome: 'blocked', code: 'ledger-newer' } })
    }
  })

  test('a CHECKPOINT that can be read opens such a log again', () => {
    const ledger = new CoreLedger()
    const newer = entryAfter(ledger, { ...NEWER, type: 'CHECKPOINT', revision: 0 })
    const [genesis] = ledger.log
    if (genesis?.type !== 'CHECKPOINT') throw new Error('a log begins with genesis')
    const { revision } = entryAfter(ledger, {})
    const state = fold([newer, { ...genesis, revision }])
    expect(state).toMatchObject({ ledgerId: LEDGER_ID, foreign: false, unreadable: [] })
  })

  test('events before any genesis mark the log as foreign', () => {
    const state = evolve(
      initialState(),
      entryAfter(new CoreLedger(), { data: { lane: 'x', leaseId: 'x@1', token: 1 } }),
    )
    expect(state.foreign).toBe(true)
    expect(decide(state, found, around)).toMatchObject({ outcome: { outcome: 'blocked', code: 'foreign' } })
  })

  test('a CHECKPOINT of another ledger marks the log as foreign and changes no lease', () => {
    const { ledger, lease } = withLease()
    const [genesis] = ledger.log
    const data = {
      ...(genesis?.type === 'CHECKPOINT' ? genesis.data : {}),
      ledgerId: '00000000-0000-4000-8000-00000000beef',
    }
    ledger.push(entryAfter(ledger, { type: 'CHECKPOINT', data }))
    expect(ledger.state.leases.get(lease.leaseId)).toBeDefined()
    for (const command of [
      acquire('y', 'B'),
      beat(lease),
      release(lease),
      halt('h'),
      spawn('x', 'A'),
      withdraw('A', 'r'),
      checkpoint(),
    ]) {
      expect(ledger.run(command)).toMatchObject({ outcome: 'blocked', code: 'foreign' })
    }
  })

  test('an empty log is not founded', () => {
    expect(decide(initialState(), halt('h'), around)).toMatchObject({ outcome: { code: 'not-founded' } })
  })

  test('founding a ledger that exists answers with its id', () => {
    const { ledger } = withLease()
    const other = '00000000-0000-4000-8000-00000000beef'
    const again = commandOf({ type: 'found', commandId: nextCommandId(), ledgerId: other, config: SMALL })
    expect(ledger.run(again)).toEqual({ outcome: 'founded', ledgerId: LEDGER_ID, created: false })
  })

  test('a ledger that moved takes nothing more, not even beats, and says where it went', () => {
    const { ledger, lease } = withLease()
    expectOutcome(ledger.run(checkpoint({ movedTo: 'esdb://elsewhere' })), 'checkpointed')
    for (const command of [
      acquire('y', 'B'),
      beat(lease),
      release(lease),
      halt('h'),
      spawn('x', 'A'),
      withdraw('A', 'r'),
      checkpoint(),
      repair(1),
    ]) {
      expect(ledger.run(command)).toMatchObject({
        outcome: 'blocked',
        code: 'moved',
        message: expect.stringContaining('esdb://elsewhere') as string,
      })
    }
  })

  test('an entry whose revision is no number changes nothing', () => {
    const { ledger } = withLease()
    const { head } = ledger.state
    ledger.push(entryAfter(ledger, { revision: Number.NaN }))
    ledger.push(entryAfter(ledger, { revision: Number.NaN, type: 'FROB' }))
    expect(ledger.state.head).toBe(head)
    expect(ledger.state.unrecognisedCount).toBe(0)
  })
})

describe('offsets', () => {
  test('a CHECKPOINT that raises the offset jumps ahead by what it raises, and tokens go on from there', () => {
    const { ledger, lease } = withLease()
    const { head } = ledger.state
    expectOutcome(ledger.run(checkpoint({ offset: 1_000 })), 'checkpointed')
    expect(ledger.state.head).toBe(head + 1_001)
    expect(granted(ledger.run(acquire('y', 'B'))).token).toBe(head + 1_002)
    expectOutcome(ledger.run(beat(lease)), 'beaten')
    expect(ledger.run(checkpoint({ offset: 10 }))).toMatchObject({ outcome: 'invalid', faults: [{ path: 'offset' }] })
  })
})
