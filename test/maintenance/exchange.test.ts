import { createHash } from 'node:crypto'
import { createWriteStream, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { snapshotState, type EpochMs } from '@holdfast/core'
import { compactLedger } from '@holdfast/engine'
import { exportLedger, exportLineJsonSchema, importHoldfast } from '@holdfast/engine/maintenance'
import { verifyLedger } from '@holdfast/projections'
import type { LogStore, NewEvent } from '@holdfast/store'
import { openMemoryStore } from '@holdfast/store/memory'
import { openSqliteStore } from '@holdfast/store/sqlite'
import { describe, expect, test } from 'vitest'
import { Bed, granted, historyOf } from './bed.ts'

async function exportTo(bed: Bed, store: LogStore, name = 'export.jsonl'): Promise<string> {
  const file = join(bed.folder, name)
  await pipeline(async function* () {
    for await (const { text } of exportLedger(store, 'default')) yield text
  }, createWriteStream(file))
  return file
}

/** A history with everything in it that an export has to carry. */
async function eventful(bed: Bed) {
  const ledger = await bed.ledger()
  const { token } = await granted(ledger, {
    lane: 'api',
    region: ['src/**'],
    holder: 'Ärger "x"',
    reason: 'a\u2028b\n',
  })
  await ledger.heartbeat({ lane: 'api', holder: 'Ärger "x"', token, metadata: { deep: [[{ a: null }]] } })
  await compactLedger(ledger)
  const strays: NewEvent[] = [
    {
      eventId: 'odd',
      type: 'FROB',
      schemaVersion: 1,
      actor: null,
      data: { unknown: [1, 'x'] },
      origin: { format: 'y' },
    },
  ]
  await ledger.store.append('default', await ledger.store.head('default'), strays)
  await ledger.acquire({ lane: 'api', holder: 'B', process: null })
  await bed.time.to(bed.time.nowMs + 5000)
  await granted(ledger, { lane: 'db', holder: 'B', runId: 'run-1' })
  return ledger
}

describe.each(['memory', 'sqlite'] as const)('an export of %s', kind => {
  test('comes back identical: history, state, tokens, and entries that nobody here can read', async () => {
    await using bed = new Bed(kind)
    const ledger = await eventful(bed)
    const file = await exportTo(bed, ledger.store)
    const copy = await bed.ledgerOn(await imported(bed, file))
    expect(await historyOf(copy.store)).toEqual(await historyOf(ledger.store))
    expect(snapshotState(await copy.refresh())).toEqual(snapshotState(await ledger.refresh()))
    expect((await verifyLedger(copy.store, 'default')).ok).toBe(true)
    const again = await exportTo(bed, copy.store, 'again.jsonl')
    expect(readFileSync(again, 'utf8')).toBe(readFileSync(file, 'utf8'))
  })

  test('keeps its revisions when the beginning was dropped', async () => {
    await using bed = new Bed(kind)
    const ledger = await eventful(bed)
    await compactLedger(ledger)
    const history = await historyOf(ledger.store)
    await bed.time.to(bed.time.nowMs + 1000)
    const { dropped } = await ledger.store.dropArchive('default', ((history[0]?.recordedAt ?? 0) + 1) as EpochMs)
    expect(dropped).toMatchObject({ from: 0, to: 2, events: 3 })
    const file = await exportTo(bed, ledger.store)
    const copy = await bed.ledgerOn(await imported(bed, file))
    const revisions = (await historyOf(copy.store)).map(({ revision }) => revision)
    expect(revisions).toEqual(history.slice(3).map(({ revision }) => revision))
    const [lease] = await copy.leases()
    expect(lease?.token).toBe(1)
    expect((await granted(copy, { lane: 'next', holder: 'C' })).token).toBe((history.at(-1)?.revision ?? 0) + 1)
  })

  test('goes on in time from its newest event, and with the time of its store from the first one that is written', async () => {
    await using bed = new Bed(kind)
    const ledger = await eventful(bed)
    const newest = await ledger.now()
    await bed.time.to(bed.time.nowMs + 300)
    const file = await exportTo(bed, ledger.store)
    const clocks = { clock: bed.time.wall, bootClock: bed.time.boot }
    const path = join(bed.folder, 'copy.db')
    const store = kind === 'memory' ? openMemoryStore(clocks) : await openSqliteStore({ path, ...clocks })
    await importHoldfast(store, 'default', file)
    const now = async () => [(await ledger.now()) - newest, (await store.now('default')) - newest]
    expect(await now()).toEqual([300, 0])
    await bed.time.to(bed.time.nowMs + 100)
    expect(await now()).toEqual([400, 100])
    const lease = await granted(await bed.ledgerOn(store), { lane: 'next', holder: 'C' })
    expect(lease.acquiredAtMs - newest).toBe(400)
    await bed.time.to(bed.time.nowMs + 100)
    expect(await now()).toEqual([500, 500])
  })

  test('is refused by a ledger that is not empty', async () => {
    await using bed = new Bed(kind)
    const ledger = await eventful(bed)
    const file = await exportTo(bed, ledger.store)
    await expect(importHoldfast(ledger.store, 'default', file)).rejects.toMatchObject({ code: 'invalid' })
  })
})

async function imported(bed: Bed, file: string): Promise<LogStore> {
  const store = openMemoryStore({ clock: bed.time.wall })
  const report = await importHoldfast(store, 'default', file)
  expect(report).toMatchObject({ unrecognised: 1, corrupt: 0 })
  return store
}

const DAMAGES: readonly { readonly name: string; readonly damage: (text: string) => string; readonly code: string }[] =
  [
    { name: 'cut off in a line', damage: text => text.slice(0, -200), code: 'corrupt' },
    { name: 'without its end', damage: text => text.trimEnd().split('\n').slice(0, -1).join('\n'), code: 'corrupt' },
    { name: 'with a line less', damage: text => text.split('\n').toSpliced(3, 1).join('\n'), code: 'corrupt' },
    { name: 'with two lines exchanged', damage: exchanged, code: 'corrupt' },
    { name: 'with a byte changed', damage: text => text.replace('"B"', '"C"'), code: 'corrupt' },
    {
      name: 'with a line that is no JSON',
      damage: text => text.replace('{"revision":2', '{revision:2'),
      code: 'corrupt',
    },
    { name: 'with something after its end', damage: text => `${text}{}\n`, code: 'corrupt' },
    { name: 'of a newer format', damage: text => text.replace('"format":1', '"format":2'), code: 'ledger-newer' },
    { name: 'that is empty', damage: () => '', code: 'corrupt' },
    { name: 'that is something else', damage: () => '{"a":1}\n', code: 'corrupt' },
  ]

test.each(DAMAGES)('an export $name is refused, and nothing is written', async ({ damage, code }) => {
  await using bed = new Bed('memory')
  const file = await exportTo(bed, (await eventful(bed)).store)
  writeFileSync(file, damage(readFileSync(file, 'utf8')))
  const store = openMemoryStore()
  await expect(importHoldfast(store, 'default', file)).rejects.toMatchObject({ code })
  expect(await store.head('default')).toBe('none')
})

function exchanged(text: string): string {
  const [header, first, second, ...rest] = text.split('\n')
  return [header, second, first, ...rest].join('\n')
}

test('an export with control characters in the id of a lease is refused, though nothing in it was changed', async () => {
  await using bed = new Bed('memory')
  const lines = readFileSync(await exportTo(bed, (await eventful(bed)).store), 'utf8')
    .trimEnd()
    .split('\n')
  const body = lines.slice(0, -1).map(line => line.replaceAll('"leaseId":"db@', String.raw`"leaseId":"\u001bdb@`))
  const hash = createHash('sha256')
    .update(body.map(line => `${line}\n`).join(''))
    .digest('hex')
  const file = join(bed.folder, 'hostile.jsonl')
  const end = { end: true, events: body.length - 1, sha256: hash }
  writeFileSync(file, [...body, JSON.stringify(end), ''].join('\n'))
  await expect(importHoldfast(openMemoryStore(), 'default', file)).rejects.toThrow(
    'leaseId must not contain control characters',
  )
})

test('the published schema is that of the code', () => {
  const published: unknown = JSON.parse(
    readFileSync(new URL('../../docs/export-format.schema.json', import.meta.url), 'utf8'),
  )
  expect(published).toEqual(exportLineJsonSchema())
})

test('20,000 events come back, through SQLite', { timeout: 60_000 }, async () => {
  await using bed = new Bed('sqlite')
  const ledger = await bed.ledger()
  const beats = Array.from({ length: 20_000 }, (_, index) => ({
    eventId: `00000000-0000-5000-8000-${index.toString(16).padStart(12, '0')}`,
    type: 'HEARTBEAT',
    schemaVersion: 1,
    actor: null,
    data: { lane: 'api', leaseId: 'api@1', token: 1, reason: `beat ${index}` },
  }))
  for (let at = 0; at < beats.length; at += 2000) {
    await ledger.store.append('default', await ledger.store.head('default'), beats.slice(at, at + 2000))
    if (at === 10_000) await compactLedger(ledger)
  }
  const file = await exportTo(bed, ledger.store)
  const store = openMemoryStore({ clock: bed.time.wall })
  expect(await importHoldfast(store, 'default', file)).toEqual({ imported: 20_002, unrecognised: 0, corrupt: 0 })
  expect(await store.head('default')).toBe(await ledger.store.head('default'))
})
