import { cpSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LedgerId, type Revision } from '@holdfast/core'
import { openSqliteStore } from '@holdfast/store/sqlite'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import * as z from 'zod'
import { copyDatabase, flipBit } from './harness/damage.ts'
import { beat } from './harness/events.ts'
import { seeded } from './harness/random.ts'
import { freshFolder } from './harness/sqlite-factory.ts'

const KEY = { ledgerId: LedgerId.parse('01890a5d-ac96-774b-bcce-b302099a8057'), codeVersion: '1' }
const SNAPSHOT = { ...KEY, throughRevision: 1 as Revision, state: { leases: ['api@0'], note: 'x'.repeat(300) } }

let path: string
let remove: () => Promise<void>

beforeEach(async () => {
  ;({ path, remove } = await freshFolder())
  await using store = await openSqliteStore({ path })
  await store.append('default', 'none', [beat(), beat()])
  await store.saveSnapshot('default', SNAPSHOT)
})

afterEach(() => remove())

function snapshotFile(): string {
  return join(`${path}.snap`, readdirSync(`${path}.snap`)[0] ?? '')
}

async function loaded(): Promise<unknown> {
  await using store = await openSqliteStore({ path })
  return await store.loadSnapshot('default', KEY)
}

test('a snapshot with any bit flipped, or without its end, is not believed', async () => {
  expect(await loaded()).toEqual(SNAPSHOT)
  const whole = readFileSync(snapshotFile())
  const random = seeded(inject('seed'))
  for (let round = 0; round < 60; round += 1) {
    writeFileSync(snapshotFile(), whole)
    if (round % 4 === 0) truncateSync(snapshotFile(), Math.floor(random() * whole.length))
    else flipBit(snapshotFile(), Math.floor(random() * whole.length * 8))
    expect(await loaded()).toBeNull()
  }
})

test('a snapshot of another history of the same ledger is not believed', async () => {
  const other = `${path}.other`
  copyDatabase(path, other)
  {
    await using store = await openSqliteStore({ path })
    await store.append('default', 'any', [beat('ours')])
    await store.saveSnapshot('default', { ...SNAPSHOT, throughRevision: 2 as Revision })
  }
  await using fork = await openSqliteStore({ path: other })
  await fork.append('default', 'any', [beat('theirs')])
  await fork.saveSnapshot('default', { ...SNAPSHOT, throughRevision: 2 as Revision })
  const theirs = readdirSync(`${other}.snap`)[0] ?? ''
  writeFileSync(snapshotFile(), readFileSync(join(`${other}.snap`, theirs)))
  expect(await loaded()).toBeNull()
})

test('a snapshot of another ledger, or of another version of the code, is not believed', async () => {
  await using store = await openSqliteStore({ path })
  const other = LedgerId.parse('01890a5d-ac96-774b-bcce-b302099a8058')
  expect(await store.loadSnapshot('default', KEY)).toEqual(SNAPSHOT)
  expect(await store.loadSnapshot('default', { ...KEY, ledgerId: other })).toBeNull()
  expect(await store.loadSnapshot('default', { ...KEY, codeVersion: '2' })).toBeNull()
})

test('a snapshot file of another ledger in its place is not believed', async () => {
  await using store = await openSqliteStore({ path })
  await store.append('other', 'none', [beat(), beat()])
  await store.saveSnapshot('other', SNAPSHOT)
  const [one = '', two = ''] = readdirSync(`${path}.snap`).map(name => join(`${path}.snap`, name))
  const [first, second] = [readFileSync(one), readFileSync(two)]
  writeFileSync(one, second)
  writeFileSync(two, first)
  expect(await store.loadSnapshot('default', KEY)).toBeNull()
  expect(await store.loadSnapshot('other', KEY)).toBeNull()
})

test('a snapshot whose head line was changed with care is not believed', async () => {
  const [line = '', ...state] = readFileSync(snapshotFile(), 'utf8').split('\n')
  const header = z.looseObject({ throughRevision: z.int() }).parse(JSON.parse(line))
  for (const change of [{ throughRevision: 0 }, { format: 2 }, { codeVersion: '2' }, { more: true }]) {
    writeFileSync(snapshotFile(), [JSON.stringify({ ...header, ...change }), ...state].join('\n'))
    expect(await loaded(), JSON.stringify(change)).toBeNull()
  }
})

test('a snapshot from beyond the end of the log is not believed', async () => {
  const shorter = `${path}.shorter`
  copyDatabase(path, shorter)
  await using store = await openSqliteStore({ path })
  await store.append('default', 'any', [beat()])
  await store.saveSnapshot('default', { ...SNAPSHOT, throughRevision: 2 as Revision })
  await using behind = await openSqliteStore({ path: shorter })
  cpSync(`${path}.snap`, `${shorter}.snap`, { recursive: true })
  expect(await store.loadSnapshot('default', KEY)).not.toBeNull()
  expect(await behind.loadSnapshot('default', KEY)).toBeNull()
})

test('a cache that cannot be written fails nothing', async () => {
  await using store = await openSqliteStore({ path })
  rmSync(`${path}.snap`, { recursive: true })
  writeFileSync(`${path}.snap`, 'a file where the folder belongs')
  await store.saveSnapshot('default', SNAPSHOT)
  expect(await store.loadSnapshot('default', KEY)).toBeNull()
})
