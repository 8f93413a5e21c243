import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { openLeanLedger } from '@holdfast/engine/lean'
import { compactLedger, exportLedger, importHoldfast } from '@holdfast/engine/maintenance'
import type { LogStore } from '@holdfast/store'
import { openEventStoreDbStore } from '@holdfast/store/eventstoredb'
import { openSqliteStore } from '@holdfast/store/sqlite'
import { expect, inject, test } from 'vitest'
import { EsdbFixture } from '../eventstoredb/fixture/esdb-fixture.ts'
import { killPlaceAt, killWhileCompacting } from '../maintenance/kill-campaign.ts'
import { appendBeats } from '../maintenance/many-beats.ts'
import { seeded } from '../store/harness/random.ts'
import { freshFolder } from '../store/harness/sqlite-factory.ts'

const KILLS = 300
/** Each looks through all that was written before. */
const SERVER_KILLS = 60
const EVENTS = 1_000_000

/** What a million events may add to the memory that ten thousand take. */
const MEMORY_GROWTH_MAX = 200 * 1024 * 1024

test(`a compacting process killed ${KILLS} times loses nothing`, async () => {
  const { path, remove } = await freshFolder()
  try {
    await (await openLeanLedger(`sqlite:${path}`, { actor: null })).close()
    expect((await killWhileCompacting(killPlaceAt(path), KILLS, seeded(inject('seed')))).acknowledged).toBeGreaterThan(
      KILLS,
    )
  } finally {
    await remove()
  }
})

test(`two processes that compact a ledger on EventStoreDB by themselves, killed ${SERVER_KILLS} times, lose nothing`, async () => {
  const { path, remove } = await freshFolder()
  const fixture = await EsdbFixture.start()
  try {
    const url = fixture.url()
    const open = (): Promise<LogStore> => openEventStoreDbStore({ url, snapshotFolder: null })
    const place = { url, open, compiled: path, how: 'by themselves' } as const
    const { cuts } = await killWhileCompacting(place, SERVER_KILLS, seeded(inject('seed')))
    expect(cuts).toBeGreaterThan(SERVER_KILLS / 8)
  } finally {
    await fixture.close()
    await remove()
  }
})

test(`${EVENTS} events are compacted, exported and imported, in memory that does not grow with them`, async () => {
  const { path, remove } = await freshFolder()
  try {
    await using ledger = await openLeanLedger(`sqlite:${path}`, { actor: null })
    await appendBeats(ledger, EVENTS / 2)
    await compactLedger(ledger)
    await appendBeats(ledger, EVENTS / 2)
    const before = process.memoryUsage.rss()
    let peak = before
    const look = (): void => {
      peak = Math.max(peak, process.memoryUsage.rss())
    }
    const file = join(`${path}.jsonl`)
    await pipeline(async function* () {
      for await (const { text } of exportLedger(ledger.store, 'default')) {
        look()
        yield text
      }
    }, createWriteStream(file))
    await using copy = await openSqliteStore({ path: `${path}.copy` })
    const { imported } = await importHoldfast(copy, 'default', file, look)
    expect(imported).toBe(EVENTS + 2)
    expect(await copy.head('default')).toBe(await ledger.store.head('default'))
    console.log(`memory: ${before} bytes before, ${peak} at most`)
    expect(peak - before).toBeLessThan(MEMORY_GROWTH_MAX)
  } finally {
    await remove()
  }
})
