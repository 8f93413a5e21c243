import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  AcquireAnswer,
  ArchiveAnswer,
  BackupAnswer,
  CompactAnswer,
  ExportAnswer,
  FailureAnswer,
  ImportAnswer,
  MoveAnswer,
  RestoreAnswer,
} from 'holdfast/schemas'
import { expect, test } from 'vitest'
import { field, Holdfast } from '../cli/holdfast.ts'

test('compact, archive, backup, restore, export, import and move answer by their schemas, and refuse as agreed', async () => {
  const holdfast = new Holdfast()
  await holdfast.ask('acquire', 'api', '--holder', 'A')
  const compacted = await holdfast.ask('compact')
  expect(CompactAnswer.parse(compacted.answer)).toMatchObject({ eventsBefore: 2, eventsAfter: 1 })
  expect(ArchiveAnswer.parse((await holdfast.ask('archive')).answer)).toMatchObject({
    held: { events: 2 },
    dropped: null,
  })
  expect(BackupAnswer.parse((await holdfast.ask('backup', 'b.db')).answer).ledgers).toEqual(['default'])
  expect(ExportAnswer.parse((await holdfast.ask('export', 'e.jsonl')).answer).events).toBe(3)
  const taken = await holdfast.ask('export', 'e.jsonl')
  expect([taken.exitCode, FailureAnswer.parse(taken.answer).error.code]).toEqual([2, 'usage'])

  const imported = await holdfast.ask('import', 'holdfast', 'e.jsonl', '--store', 'sqlite:copy.db')
  expect(ImportAnswer.parse(imported.answer)).toMatchObject({ imported: 3, unrecognised: 0, corrupt: 0 })
  const again = await holdfast.ask('import', 'holdfast', 'e.jsonl', '--store', 'sqlite:copy.db')
  expect([again.exitCode, FailureAnswer.parse(again.answer).error.code]).toEqual([2, 'invalid'])

  const restored = await holdfast.ask('restore', 'b.db', '--store', 'sqlite:r.db')
  const [ledger] = RestoreAnswer.parse(restored.answer).ledgers
  expect(ledger).toMatchObject({ through: 2, head: 2 ** 32 })
  expect(ledger?.drainsUntil).not.toBeNull()
  const asked = await holdfast.ask('acquire', 'x', '--holder', 'B', '--store', 'sqlite:r.db')
  expect([asked.exitCode, AcquireAnswer.parse(asked.answer)]).toMatchObject([3, { code: 'draining' }])
  const written = await holdfast.ask('acquire', 'x', '--holder', 'B', '--store', 'sqlite:b.db')
  expect([written.exitCode, FailureAnswer.parse(written.answer).error.code]).toEqual([6, 'backup'])

  const moved = await holdfast.ask('move', '--to', 'sqlite:m.db')
  expect(MoveAnswer.parse(moved.answer).copied).toBe(4)
  const late = await holdfast.ask('acquire', 'x', '--holder', 'B')
  expect([late.exitCode, FailureAnswer.parse(late.answer).error.code]).toEqual([6, 'moved'])
  expect((await holdfast.ask('acquire', 'x', '--holder', 'B', '--store', 'sqlite:m.db')).exitCode).toBe(0)
})

test('what cannot be understood, or is not there, changes nothing and makes nothing', async () => {
  const holdfast = new Holdfast()
  await holdfast.ask('acquire', 'api', '--holder', 'A')
  const head = field((await holdfast.ask('leases')).answer, 'head')
  writeFileSync(join(holdfast.folder, 'text'), 'no backup')
  const before = readdirSync(holdfast.folder).toSorted()
  const refusals = [
    [2, 'compact', '--keep-last', 'some'],
    [2, 'archive', 'drop'],
    [2, 'archive', 'drop', '--before', 'soon'],
    [2, 'archive', 'export', 'text'],
    [2, 'export', 'text'],
    [2, 'export', join('nowhere', 'e.jsonl')],
    [2, 'backup', 'text'],
    [6, 'restore', 'text', '--store', 'sqlite:none.db'],
    [2, 'restore', 'none', '--store', 'sqlite:none.db'],
    [2, 'restore', 'text', '--store', 'memory:'],
    [2, 'move'],
    [2, 'move', '--to', 'other:place'],
    [2, 'repair'],
    [2, 'repair', '--skip', 'x'],
    [5, 'compact', '--store', 'sqlite:none.db'],
    [5, 'backup', 'b.db', '--store', 'sqlite:none.db'],
    [5, 'export', 'e.jsonl', '--store', 'sqlite:none.db'],
    [5, 'move', '--to', 'sqlite:m.db', '--store', 'sqlite:none.db'],
  ] as const
  const told = await Promise.all(
    refusals.map(async ([, ...args]) => {
      const { exitCode, answer } = await holdfast.ask(...args)
      return [exitCode, args.join(' '), FailureAnswer.safeParse(answer).success]
    }),
  )
  expect(told).toEqual(refusals.map(([exitCode, ...args]) => [exitCode, args.join(' '), true]))
  expect(field((await holdfast.ask('leases')).answer, 'head')).toBe(head)
  expect(readdirSync(holdfast.folder).toSorted()).toEqual(before)
})

test('a journal of another tool is imported: counted, faults and deltas named, refused where it does not belong', async () => {
  const holdfast = new Holdfast()
  const at = '2026-09-21T14:00:00Z'
  const lease = { lane: 'api', loop_ts: at, holder: 'w1', host_id: 'h1', pid: 7, tree: ['api/**'], acquired_at: at }
  const lines = [
    { op: 'ACQUIRE', ts: at, lane: 'api', loop_ts: at, lease },
    { op: 'RELEASE', ts: at, lane: 'api', loop_ts: at },
    { op: 'FUTURE_OP', ts: at },
  ].map(line => JSON.stringify(line))
  writeFileSync(join(holdfast.folder, 'j.jsonl'), [...lines, '{"op":"ACQ'].join('\n'))
  const { exitCode, answer } = await holdfast.ask('import', 'dos-journal', 'j.jsonl', '--since', at)
  expect(exitCode).toBe(0)
  expect(ImportAnswer.parse(answer)).toMatchObject({
    head: 3,
    imported: 3,
    unrecognised: 1,
    corrupt: 1,
    faults: [{ line: 4 }],
    deltas: [{ loopTs: at, lane: 'api', workEvents: 1 }],
  })
  const refusals = [
    ['import', 'dos-journal', 'j.jsonl'],
    ['import', 'other', 'j.jsonl', '--store', 'sqlite:none.db'],
    ['import', 'dos-journal', 'none.jsonl', '--store', 'sqlite:none.db'],
    ['import', 'dos-journal', 'j.jsonl', '--since', 'soon', '--store', 'sqlite:none.db'],
    ['import', 'holdfast', 'j.jsonl', '--since', at, '--store', 'sqlite:none.db'],
  ] as const
  for (const refused of refusals) {
    const told = await holdfast.ask(...refused)
    expect([told.exitCode, FailureAnswer.parse(told.answer).error.message]).toEqual([2, expect.any(String)])
  }
  expect((await holdfast.ask('import', 'holdfast', 'j.jsonl', '--ledger', 'other')).exitCode).toBe(6)
  expect((await holdfast.ask('import', 'holdfast', 'j.jsonl', '--store', 'sqlite:none.db')).exitCode).toBe(6)
  expect(readdirSync(holdfast.folder).filter(name => name.startsWith('none.db'))).toEqual([])
})

test('a restored ledger names what bounds its drain before it names --force, in the answer and in a refusal', async () => {
  const holdfast = new Holdfast()
  await holdfast.call(['init'])
  await holdfast.call(['backup', 'b.db'])
  const { stdout } = await holdfast.call(['restore', 'b.db', '--store', 'sqlite:r.db'])
  const refused = await holdfast.call(['acquire', 'api', '--holder', 'a', '--store', 'sqlite:r.db'])
  expect(refused.exitCode).toBe(3)
  for (const told of [stdout, refused.stdout + refused.stderr]) {
    expect(told).toMatch(/leaseSpanBoundMs and graceMs bound that.*lower.*drains for less.*--force/s)
  }
})
