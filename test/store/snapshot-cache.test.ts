import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LedgerId, type Revision } from '@holdfast/core'
import { openSqliteStore } from '@holdfast/store/sqlite'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
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

test('a cache that cannot be written fails nothing', async () => {
  await using store = await openSqliteStore({ path })
  rmSync(`${path}.snap`, { recursive: true })
  writeFileSync(`${path}.snap`, 'a file where the folder belongs')
  await store.saveSnapshot('default', SNAPSHOT)
  expect(await store.loadSnapshot('default', KEY)).toBeNull()
})
