import { chmodSync, copyFileSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { compactLedger, type Ledger } from '@holdfast/engine'
import { restoreBackup } from '@holdfast/engine/maintenance'
import { verifyLedger } from '@holdfast/projections'
import { openStore, type LogStore } from '@holdfast/store'
import { openSqliteStore } from '@holdfast/store/sqlite'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Bed, granted, historyOf } from './bed.ts'

/** TTL ceiling and activity cap of the schedules, with grace: how long a restored ledger drains. */
const CONFIG = { ttlDefaultMs: 9000, ttlCeilingMs: 20_000, graceMs: 3000, activityCapMs: 40_000 }
const DRAIN_MS = 43_000

async function backedUp(bed: Bed, store: LogStore, name = 'backup.db'): Promise<string> {
  const file = join(bed.folder, name)
  await store.backup?.(file)
  return file
}

/** Restores into a file of its own and opens it, under the bed's time. */
async function restored(
  bed: Bed,
  file: string,
  { force = false, name = 'in/a/folder/restored.db' } = {},
): Promise<Ledger> {
  const path = join(bed.folder, name)
  await restoreBackup(file, path, { force, clock: bed.time.wall, bootClock: bed.time.boot, actor: null })
  return bed.ledgerOn(await openSqliteStore({ path, clock: bed.time.wall, bootClock: bed.time.boot }), CONFIG)
}

test('a backup is taken while writers work; it can be read and not written, and stays as it is', async () => {
  await using bed = new Bed('sqlite')
  const ledger = await bed.ledger(CONFIG)
  await granted(ledger, { lane: 'api', holder: 'A' })
  await compactLedger(ledger)
  const writing = Promise.all(
    Array.from({ length: 50 }, (_, index) => granted(ledger, { lane: `l${index}`, holder: 'H' })),
  )
  const file = await backedUp(bed, ledger.store)
  await writing
  const bytes = readFileSync(file)
  await using copy = await openStore(`sqlite:${file}`, { create: false })
  const history = await historyOf(copy)
  expect(await historyOf(ledger.store)).toEqual(expect.arrayContaining(history))
  expect((await verifyLedger(copy, 'default')).ok).toBe(true)
  expect(await copy.now('default')).toBe(history.at(-1)?.recordedAt)
  const event = { eventId: 'x', type: 'HEARTBEAT', schemaVersion: 1, actor: null, data: {} }
  await expect(copy.append('default', await copy.head('default'), [event])).rejects.toMatchObject({ code: 'backup' })
  await expect(copy.backup?.(join(bed.folder, 'again.db'))).rejects.toMatchObject({ code: 'backup' })
  expect(readFileSync(file)).toEqual(bytes)
})

test('a backup overwrites nothing, a restore neither, and only backups are restored', async () => {
  await using bed = new Bed('sqlite')
  const ledger = await bed.ledger(CONFIG)
  const file = await backedUp(bed, ledger.store)
  await expect(ledger.store.backup?.(file)).rejects.toMatchObject({ code: 'invalid' })
  await expect(ledger.store.backup?.(join(bed.folder, 'none', 'b.db'))).rejects.toMatchObject({ code: 'invalid' })
  await expect(restoreBackup(file, bed.path)).rejects.toMatchObject({ code: 'invalid' })
  await expect(restoreBackup(bed.path, join(bed.folder, 'x.db'))).rejects.toMatchObject({ code: 'invalid' })
  await expect(restoreBackup(join(bed.folder, 'none'), join(bed.folder, 'x.db'))).rejects.toMatchObject({
    code: 'invalid',
  })
  expect(readdirSync(bed.folder).filter(name => name.includes('.new'))).toEqual([])
})

test('a restore can move a store that is there aside, whole, and keeps its mode', async () => {
  await using bed = new Bed('sqlite')
  const ledger = await bed.ledger(CONFIG)
  const file = await backedUp(bed, ledger.store)
  await granted(ledger, { lane: 'late', holder: 'A' })
  chmodSync(bed.path, 0o640)
  const times = { clock: bed.time.wall, bootClock: bed.time.boot, actor: null }
  let aside = ''
  const options = { ...times, moveAside: true, onMovedAside: (place: string) => void (aside = place) }
  // What cannot be restored moves nothing.
  await expect(restoreBackup(join(bed.folder, 'none'), bed.path, options)).rejects.toMatchObject({ code: 'invalid' })
  expect(aside).toBe('')
  await restoreBackup(file, bed.path, options)
  expect(aside).toMatch(/ledger\.db\.aside-\d{8}T\d{6}Z$/)
  expect(statSync(bed.path).mode & 0o777).toBe(0o640)
  expect(readdirSync(bed.folder).filter(name => name === 'ledger.db-wal')).toEqual([])
  const heldBy = async (path: string): Promise<readonly string[]> => {
    await using there = await bed.ledgerOn(await openSqliteStore({ path, ...times }), CONFIG)
    return (await there.leases()).map(({ lane }) => lane)
  }
  expect([await heldBy(aside), await heldBy(bed.path)]).toEqual([['late'], []])
  // Whoever had it open is told, and writes into none of the two.
  await expect(granted(ledger, { lane: 'later', holder: 'A' })).rejects.toMatchObject({ code: 'unavailable' })
})

test('a backup older than the grant of A is restored; B gets the region only when nobody can believe (schedule 20)', async () => {
  await using bed = new Bed('sqlite')
  const ledger = await bed.ledger(CONFIG)
  const file = await backedUp(bed, ledger.store)
  const a = await granted(ledger, { lane: 'api', region: ['src/**'], holder: 'A' })
  const again = await restored(bed, file)
  const nowMs = await again.now()
  expect(await again.acquire({ lane: 'other', region: ['src/x.ts'], holder: 'B' })).toMatchObject({
    outcome: 'refused',
    code: 'draining',
    earliestRetryAt: nowMs + DRAIN_MS,
  })
  // A lane without a region is closed as well: A may hold anything.
  expect(await again.acquire({ lane: 'api', holder: 'B' })).toMatchObject({ code: 'draining' })
  expect(await again.heartbeat({ lane: 'api', holder: 'A', token: a.token })).toMatchObject({ outcome: 'not-held' })
  await bed.time.to(bed.time.nowMs + DRAIN_MS - 1)
  expect(await again.acquire({ lane: 'api', holder: 'B' })).toMatchObject({ code: 'draining' })
  await bed.time.to(bed.time.nowMs + 1)
  expect((await granted(again, { lane: 'api', holder: 'B' })).token).toBeGreaterThan(2 ** 32)
  expect((await verifyLedger(again.store, 'default')).ok).toBe(true)
})

test('a lease from before the backup opens no guard while it drains, and can be beaten and released', async () => {
  await using bed = new Bed('sqlite')
  const ledger = await bed.ledger({ ...CONFIG, ttlDefaultMs: 20_000 })
  const { token } = await granted(ledger, { lane: 'api', holder: 'A' })
  const again = await restored(bed, await backedUp(bed, ledger.store))
  expect(await again.check('api', token)).toMatchObject({ outcome: 'draining' })
  expect((await again.heartbeat({ lane: 'api', holder: 'A', token })).outcome).toBe('beaten')
  expect((await again.release({ lane: '**', holder: '(restore)', token: 2 ** 32 })).outcome).toBe('not-held')
  expect((await again.release({ lane: 'api', holder: 'A', token })).outcome).toBe('released')
})

test('the drain outlives a compaction, and force leaves it out and is recorded', async () => {
  await using bed = new Bed('sqlite')
  const ledger = await bed.ledger(CONFIG)
  const file = await backedUp(bed, ledger.store)
  const drained = await restored(bed, file)
  await compactLedger(drained)
  expect(await drained.acquire({ lane: 'api', holder: 'B' })).toMatchObject({ code: 'draining' })
  const forced = await restored(bed, file, { force: true, name: 'forced.db' })
  expect((await granted(forced, { lane: 'api', holder: 'B' })).token).toBe(2 ** 32 + 1)
  const checkpoint = await forced.store.latestCheckpoint('default')
  expect(checkpoint?.data.restored).toEqual({ forced: true, drainsUntil: null })
})

test('a restored ledger can be backed up and restored again: its tokens go on', async () => {
  await using bed = new Bed('sqlite')
  const ledger = await bed.ledger(CONFIG)
  const once = await restored(bed, await backedUp(bed, ledger.store), { force: true })
  await granted(once, { lane: 'api', holder: 'B' })
  const twice = await restored(bed, await backedUp(bed, once.store, 'second.db'), { force: true, name: 'twice.db' })
  expect(twice.head).toBe(2 * 2 ** 32)
  expect((await verifyLedger(twice.store, 'default')).ok).toBe(true)
})

const step = fc.record({
  lane: fc.constantFrom('a', 'b', 'c'),
  holder: fc.constantFrom('H', 'I'),
  does: fc.constantFrom('acquire', 'release', 'adopt'),
})

test('a restored ledger never matches a token of the lost future', async () => {
  const property = (mutant: boolean) =>
    fc.asyncProperty(
      fc.array(step, { maxLength: 6 }),
      fc.array(step, { minLength: 1, maxLength: 6 }),
      async (past, lost) => {
        await using bed = new Bed('sqlite')
        const ledger = await bed.ledger(CONFIG)
        for (const one of past) await perform(ledger, one)
        const file = await backedUp(bed, ledger.store)
        const future = new Set<number>()
        for (const one of lost) for (const token of await perform(ledger, one)) future.add(token)
        const plain = join(bed.folder, 'plain.db')
        if (mutant) copyFileSync(bed.path, plain)
        const again = mutant ? await unmarked(bed, file) : await restored(bed, file, { force: true })
        for (const one of [...lost, ...lost]) {
          for (const token of await perform(again, one)) expect(future).not.toContain(token)
        }
        for (const { lane } of lost) {
          for (const token of future) {
            const held = await again.check(lane, token)
            if (held.outcome !== 'not-held' && held.outcome !== 'stale-token')
              throw new Error(`${lane} at ${token} is ${held.outcome}`)
          }
        }
      },
    )
  await fc.assert(property(false), { numRuns: 12 })
  // What a restore without the step would be: the file opened as it is.
  expect((await fc.check(property(true), { numRuns: 30 })).failed).toBe(true)
})

/** A copy of the backup whose mark was taken away: what `cp` would have given. */
async function unmarked(bed: Bed, file: string): Promise<Ledger> {
  const path = join(bed.folder, 'unmarked.db')
  const bytes = readFileSync(file)
  bytes.write('HFLD', 68)
  const { writeFileSync } = await import('node:fs')
  writeFileSync(path, bytes)
  return bed.ledgerOn(await openSqliteStore({ path, clock: bed.time.wall, bootClock: bed.time.boot }), CONFIG)
}

/** Performs a step; gives the tokens that it was granted. */
async function perform(
  ledger: Ledger,
  { lane, holder, does }: { lane: string; holder: string; does: string },
): Promise<number[]> {
  const live = (await ledger.leases()).find(lease => lease.lane === lane)
  if (does === 'acquire' || live === undefined) {
    const answer = await ledger.acquire({ lane, holder })
    return answer.outcome === 'granted' ? [answer.lease.token] : []
  }
  if (does === 'release') {
    await ledger.release({ lane, holder: live.holder, token: live.token })
    return []
  }
  const adopted = await ledger.adopt({ lane, newHolder: holder, expectToken: live.token, force: true })
  return adopted.outcome === 'adopted' ? [adopted.lease.token] : []
}
