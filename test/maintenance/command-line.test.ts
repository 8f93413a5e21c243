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
import { Holdfast } from '../cli/holdfast.ts'

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
