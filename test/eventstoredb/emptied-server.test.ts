import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLedgerOn } from '@holdfast/engine'
import { openEventStoreDbStore } from '@holdfast/store/eventstoredb'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { EsdbFixture } from './fixture/esdb-fixture.ts'
import { LEDGER, STREAM } from './harness.ts'

/** More than a snapshot is written after. */
const EVENTS = 1_100

let snapshotFolder: string
beforeEach(() => {
  snapshotFolder = mkdtempSync(join(tmpdir(), 'holdfast-emptied-'))
})
afterEach(() => {
  rmSync(snapshotFolder, { recursive: true, force: true })
  rmSync(`${snapshotFolder}.snap`, { recursive: true, force: true })
})

it.each([
  ['is empty', EVENTS + 1],
  ['ends early', 5],
])('a process that has just begun refuses a server that %s where an earlier one saw more', async (_, lost) => {
  await using fixture = await EsdbFixture.start()
  const open = async (folder: string | null = snapshotFolder) =>
    openLedgerOn(await openEventStoreDbStore({ url: fixture.url(), snapshotFolder: folder }))
  {
    await using ledger = await open()
    const lanes = Array.from({ length: EVENTS }, (_each, index) => `l${index}`)
    await Promise.all(lanes.map(lane => ledger.acquire({ lane, holder: 'A' })))
  }
  fixture.log.rollBack(STREAM, lost)
  const refused = open()
  await expect(refused).rejects.toMatchObject({ code: 'corrupt', detail: 'rolled-back' })
  await expect(refused).rejects.toThrow(/shorter than before.*remove .*\.snap/)
  // Nothing was written, and who has seen nothing cannot know.
  await using reader = await openEventStoreDbStore({ url: fixture.url(), snapshotFolder: null })
  expect(await reader.head(LEDGER)).toBe(lost > EVENTS ? 'none' : EVENTS - lost)
  // The way out that the message names.
  rmSync(`${snapshotFolder}.snap`, { recursive: true })
  await using fresh = await open()
  expect((await fresh.acquire({ lane: 'new', holder: 'A' })).outcome).toBe('granted')
})

it('a process of this machine that goes on meanwhile makes nobody believe that the server was emptied', async () => {
  await using fixture = await EsdbFixture.start()
  const open = async () => openEventStoreDbStore({ url: fixture.url(), snapshotFolder })
  {
    await using ledger = await openLedgerOn(await open())
    await ledger.acquire({ lane: 'first', holder: 'A' })
  }
  await using store = await open()
  await store.head(LEDGER)
  {
    await using other = await openLedgerOn(await open())
    const lanes = Array.from({ length: EVENTS }, (_each, index) => `l${index}`)
    await Promise.all(lanes.map(lane => other.acquire({ lane, holder: 'A' })))
  }
  // Its own look at the end is older than the snapshot.
  expect((await store.latestCheckpoint(LEDGER))?.revision).toBe(0)
})
