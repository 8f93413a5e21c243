import { randomBytes } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { compactLedger, type Ledger } from '@holdfast/engine'
import { loadLedger, verifyLedger } from '@holdfast/projections'
import { openSqliteStore } from '@holdfast/store/sqlite'
import { expect, test } from 'vitest'
import { Bed, granted, historyOf } from './bed.ts'

/** Changes the file as nobody should. */
function tamper(path: string, sql: string): void {
  const database = new DatabaseSync(path)
  database.exec(sql)
  database.close()
}

async function compacted(bed: Bed): Promise<Ledger> {
  const ledger = await bed.ledger()
  for (let index = 0; index < 20; index += 1) await granted(ledger, { lane: `l${index}`, holder: 'H' })
  await compactLedger(ledger)
  return ledger
}

async function faultsOf(bed: Bed): Promise<string[]> {
  await using store = await openSqliteStore({ path: bed.path, clock: bed.time.wall, bootClock: bed.time.boot })
  const { checks } = await verifyLedger(store, 'default')
  return checks.filter(({ ok, severity }) => !ok && severity === 'fault').map(({ name }) => name)
}

test.each([
  { what: 'a changed byte', sql: 'UPDATE archive_chunks SET body = zeroblob(10)' },
  { what: 'a missing piece', sql: 'DELETE FROM archive_chunks' },
  { what: 'a changed link', sql: "UPDATE archive_chunks SET after_hash = 'x'" },
])('an archive with $what is found out, and what lives in the log goes on', async ({ sql }) => {
  await using bed = new Bed('sqlite')
  const ledger = await compacted(bed)
  tamper(bed.path, sql)
  expect(await faultsOf(bed)).toContain('archive-chain')
  expect((await granted(ledger, { lane: 'new', holder: 'A' })).lane).toBe('new')
})

test.each([
  { what: 'missing', sql: "DELETE FROM events WHERE type = 'PART'" },
  { what: 'changed', sql: "UPDATE events SET body = replace(body, 'text', 'TEXT') WHERE type = 'PART'" },
])('parts of a state that are $what are corrupt, never an empty ledger', async ({ sql }) => {
  await using bed = new Bed('sqlite')
  const ledger = await bed.ledger()
  // Noise, so that it stays large however it is packed.
  for (let index = 0; index < 150; index += 1) {
    const { token } = await granted(ledger, { lane: `l${index}`, holder: 'H' })
    const metadata = { noise: randomBytes(3000).toString('base64') }
    await ledger.heartbeat({ lane: `l${index}`, holder: 'H', token, metadata })
  }
  await compactLedger(ledger)
  expect((await loadLedger(ledger.store, 'default')).state.leases.size).toBe(150)
  tamper(bed.path, sql)
  await using store = await openSqliteStore({ path: bed.path, clock: bed.time.wall, bootClock: bed.time.boot })
  await expect(store.latestCheckpoint('default')).rejects.toMatchObject({ code: 'corrupt' })
  await expect(loadLedger(store, 'default')).rejects.toMatchObject({ code: 'corrupt' })
  expect((await verifyLedger(store, 'default')).ok).toBe(false)
})

test('a file from before there was an archive gets one with its first compaction', async () => {
  await using bed = new Bed('sqlite')
  const ledger = await bed.ledger()
  await granted(ledger, { lane: 'api', holder: 'A' })
  tamper(bed.path, 'DROP TABLE archive_chunks; PRAGMA user_version = 1')
  expect(await historyOf(ledger.store)).toHaveLength(2)
  expect(await ledger.store.archive('default')).toEqual({ held: null, dropped: null, bytes: 0 })
  expect(await compactLedger(ledger)).toMatchObject({ eventsBefore: 2, eventsAfter: 1 })
  expect(await historyOf(ledger.store)).toHaveLength(3)
  expect(await faultsOf(bed)).toEqual([])
})
