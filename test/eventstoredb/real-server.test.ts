import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLedgerOn } from '@holdfast/engine'
import type { LogStore } from '@holdfast/store'
import { STORE_CONTRACT, type StoreFactory } from '@holdfast/store/contract'
import { openEventStoreDbStore } from '@holdfast/store/eventstoredb'
import { describe, expect, it, test } from 'vitest'
import { runUnmarked } from '../../scripts/unmarked-command.ts'
import { beat, idsOf } from './harness.ts'
import { reapsEachLeaseOnce } from './reaping.ts'
import { renamed } from './renamed-store.ts'

const URL = process.env['HOLDFAST_TEST_ESDB'] ?? ''
const RESTART = process.env['HOLDFAST_TEST_ESDB_RESTART'] ?? ''

/** Kills and restarts of one run. */
const KILLS = 8

if (URL === '') {
  console.log(
    'SKIPPED: the suite on a real EventStoreDB, because HOLDFAST_TEST_ESDB names none (docs/eventstoredb.md).',
  )
} else if (RESTART === '') {
  console.log('SKIPPED: restarts of a real EventStoreDB, because HOLDFAST_TEST_ESDB_RESTART names no command.')
}

let opened = 0

/** Each opening has ledger names of its own: a real server is never empty. */
const factory: StoreFactory = {
  name: 'a real EventStoreDB',
  open: async () => {
    const prefix = `t${process.pid}-${Date.now().toString(36)}-${(opened += 1)}-`
    const snapshotFolder = await mkdtemp(join(tmpdir(), 'holdfast-esdb-'))
    return {
      connect: async () => renamed(await openEventStoreDbStore({ url: URL, snapshotFolder }), prefix),
      dispose: async () => {
        await rm(snapshotFolder, { recursive: true, force: true })
        await rm(`${snapshotFolder}.snap`, { recursive: true, force: true })
      },
    }
  },
}

describe.skipIf(URL === '')('the contract on a real EventStoreDB', () => {
  test.each(STORE_CONTRACT)('$name', ({ run }) => run(factory), 120_000)

  it('grants and releases through the engine', async () => {
    const { connect, dispose } = await factory.open()
    const ledger = await openLedgerOn(await connect())
    const granted = await Promise.all(
      Array.from({ length: 256 }, (_, index) => ledger.acquire({ lane: `lane-${index}`, holder: 'A' })),
    )
    expect(granted.every(({ outcome }) => outcome === 'granted')).toBe(true)
    await ledger.close()
    await dispose()
  }, 60_000)

  it('lets two reapers end each lease whose work is over once', async () => {
    await reapsEachLeaseOnce(URL, `reap-${process.pid}-${Date.now().toString(36)}`)
  }, 60_000)
})

describe.skipIf(URL === '' || RESTART === '')('a real EventStoreDB that is killed while appends run', () => {
  it('keeps every acknowledged event, and none twice', { timeout: 600_000 }, async () => {
    const { connect, dispose } = await factory.open()
    const stores = [await connect(), await connect()]
    const acknowledged: string[] = []
    let running = true
    const writers = stores.map(store => write(store, acknowledged, () => running))
    for (let kill = 0; kill < KILLS; kill += 1) {
      const before = acknowledged.length
      await runUnmarked(RESTART)
      await untilTrue(() => acknowledged.length >= before + 20)
    }
    running = false
    const unknown = (await Promise.all(writers)).flat()
    const [reader] = stores
    if (reader === undefined) throw new Error('there are two')
    const entries = []
    for await (const batch of reader.read('default')) entries.push(...batch)
    const ids = idsOf(entries)
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids).toEqual(expect.arrayContaining(acknowledged))
    expect([...acknowledged, ...unknown]).toEqual(expect.arrayContaining([...ids]))
    expect(entries.map(entry => Number(entry.revision))).toEqual(ids.map((_, index) => index))
    await Promise.all(stores.map(store => store.close()))
    await dispose()
  })
})

/** Commits one event after another; gives the ids of those whose outcome stayed unknown. */
async function write(store: LogStore, acknowledged: string[], running: () => boolean): Promise<readonly string[]> {
  const unknown: string[] = []
  while (running()) {
    const event = beat()
    const committing = store.commit('default', 'none', { absorb: () => undefined, decide: () => [event] })
    const code = await committing.then(
      () => 'committed',
      (error: unknown) => String(Reflect.get(Object(error) as object, 'code')),
    )
    if (code === 'committed') acknowledged.push(event.eventId)
    else if (code === 'timeout-unknown-outcome') unknown.push(event.eventId)
    else expect(code).toBe('unavailable')
  }
  return unknown
}

async function untilTrue(holds: () => boolean): Promise<void> {
  await expect.poll(holds, { timeout: 60_000, interval: 20 }).toBe(true)
}
