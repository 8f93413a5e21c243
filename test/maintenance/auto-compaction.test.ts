import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { snapshotState, type LogEntry } from '@holdfast/core'
import { AutoCompaction, openLedger, openLedgerOn, type Ledger, type LiveLedger } from '@holdfast/engine'
import { verifyLedger } from '@holdfast/projections'
import { PAST_VERSION, PIECE_EVENTS } from '@holdfast/projections/internal'
import { StoreError, type LogStore } from '@holdfast/store'
import { lastValueFrom, take, toArray } from 'rxjs'
import { describe, expect, test } from 'vitest'
import { wrapped } from '../store/harness/wrapped-store.ts'
import { Bed, granted, historyOf } from './bed.ts'

const KINDS = ['memory', 'sqlite', 'eventstoredb'] as const
const EVERY_MS = 1000
const POLICY = { eventsMax: 100, everyMs: EVERY_MS } as const

/** Writes twice as many events as leases, in two groups. */
async function busy(ledger: Ledger, leases: number, holder = 'H'): Promise<void> {
  const lanes = Array.from({ length: leases }, (_, index) => `${holder}-${index}`)
  const held = await Promise.all(lanes.map(lane => granted(ledger, { lane, holder })))
  await Promise.all(held.map(({ lane, token }) => ledger.release({ lane, holder, token })))
}

async function revisionsOfLog(store: LogStore): Promise<number[]> {
  const revisions: number[] = []
  for await (const entries of store.read('default')) revisions.push(...entries.map(({ revision }) => revision))
  return revisions
}

const checkpointsOf = (entries: readonly LogEntry[]): number[] =>
  entries.filter(({ type }) => type === 'CHECKPOINT').map(({ revision }) => revision)

/** A ledger as programs open it, on its own connection. */
async function live(bed: Bed, options: Partial<Parameters<typeof openLedgerOn>[1]> = {}, store?: LogStore) {
  const { boot, timers } = bed.time
  const shared = { actor: null, bootClock: boot, timers, compaction: POLICY }
  return await openLedgerOn(store ?? (await bed.store()), { ...shared, ...options })
}

async function look({ compaction }: LiveLedger): Promise<LiveLedger['compaction']['status']> {
  await compaction.look()
  return compaction.status
}

describe.each(KINDS)('automatic compaction on %s', kind => {
  test('keeps what is known of the past near the head, where the store keeps it', async () => {
    await using bed = new Bed(kind)
    await using ledger = await live(bed, { compaction: { automatic: true, eventsMax: 1_000_000, everyMs: EVERY_MS } })
    await busy(ledger, 5)
    await look(ledger)
    const { past } = ledger.store
    expect((await past?.kept('default', PAST_VERSION))?.through ?? null).toBeNull()
    if (past === undefined) return
    await busy(ledger, PIECE_EVENTS / 2)
    await look(ledger)
    expect((await past.kept('default', PAST_VERSION))?.through).toBe(PIECE_EVENTS - 1)
  })

  test('leaves the newest events in the log and moves what is older into the archive, piece by piece', async () => {
    await using bed = new Bed(kind)
    await using ledger = await live(bed)
    await busy(ledger, 49)
    expect(await look(ledger)).toMatchObject({ eventsSince: 98, compactions: 0, last: null, lastError: null })
    expect(await revisionsOfLog(ledger.store)).toHaveLength(99)
    await busy(ledger, 1)
    // Nothing lies before the genesis: this look only begins the second piece.
    expect(await look(ledger)).toMatchObject({ eventsSince: 0, compactions: 0 })
    await busy(ledger, 50)
    expect(await look(ledger)).toMatchObject({ compactions: 1, last: { eventsBefore: 202, eventsAfter: 101 } })
    expect(await revisionsOfLog(ledger.store)).toEqual(Array.from({ length: 102 }, (_, index) => 101 + index))
    await busy(ledger, 50)
    expect(await look(ledger)).toMatchObject({ compactions: 2, lastError: null })
    const history = await historyOf(ledger.store)
    expect(history.map(({ revision }) => revision)).toEqual(history.map((_, index) => index))
    expect(checkpointsOf(history)).toEqual([0, 101, 202, 303])
  })

  test('changes no answer: state, leases, tokens and the audit of the whole history', async () => {
    await using bed = new Bed(kind)
    await using ledger = await live(bed)
    const held = await granted(ledger, { lane: 'api', region: ['src/**'], holder: 'A' })
    for (let piece = 0; piece < 3; piece += 1) {
      await busy(ledger, 60)
      const before = snapshotState(await ledger.refresh())
      await ledger.compaction.look()
      expect(snapshotState(await ledger.refresh())).toEqual(before)
    }
    expect(ledger.compaction.status.compactions).toBe(2)
    expect((await ledger.heartbeat({ lane: 'api', holder: 'A', token: held.token })).outcome).toBe('beaten')
    const { checks } = await verifyLedger(ledger.store, 'default')
    expect(checks.filter(({ ok }) => !ok)).toEqual([])
  })

  test('whoever follows the events from the first one on gets every one of them all the same', async () => {
    await using bed = new Bed(kind)
    await using ledger = await live(bed)
    for (let piece = 0; piece < 3; piece += 1) {
      await busy(ledger, 60)
      await ledger.compaction.look()
    }
    const history = await historyOf(ledger.store)
    expect(await revisionsOfLog(ledger.store)).not.toContain(0)
    const seen = await lastValueFrom(ledger.events$.pipe(take(history.length), toArray()))
    expect(seen).toEqual(history)
  })

  test('happens by itself as time goes on; not while the switch is off, and again after it', async () => {
    await using bed = new Bed(kind)
    await using ledger = await live(bed)
    const pass = async () => {
      await bed.time.to(bed.time.nowMs + EVERY_MS)
      await ledger.compaction.look()
    }
    await busy(ledger, 60)
    await pass()
    expect(checkpointsOf(await historyOf(ledger.store))).toEqual([0, 121])
    ledger.compaction.stop()
    await busy(ledger, 60)
    await pass()
    expect(checkpointsOf(await historyOf(ledger.store))).toEqual([0, 121])
    expect(ledger.compaction.status).toMatchObject({ automatic: false, compactions: 0 })
    ledger.compaction.resume()
    await pass()
    expect(ledger.compaction.status).toMatchObject({ automatic: true, compactions: 1 })
  })

  test('an ordinary ledger opened with `automatic: false` never compacts', async () => {
    await using bed = new Bed(kind)
    await using ledger = await live(bed, { compaction: { ...POLICY, automatic: false } })
    await busy(ledger, 120)
    await bed.time.to(bed.time.nowMs + 5 * EVERY_MS)
    await ledger.compaction.look()
    expect(checkpointsOf(await historyOf(ledger.store))).toEqual([0])
  })

  test('a CHECKPOINT of somebody else counts', async () => {
    await using bed = new Bed(kind)
    await using ledger = await live(bed)
    await busy(ledger, 45)
    await ledger.compaction.look()
    const other = await bed.ledger()
    await other.checkpoint({ reason: 'by hand' })
    await busy(ledger, 10)
    // 110 events after the genesis, 20 after the other's: it writes none of its own.
    await ledger.compaction.look()
    expect(checkpointsOf(await historyOf(ledger.store))).toEqual([0, 91])
    await busy(ledger, 40)
    expect(await look(ledger)).toMatchObject({ compactions: 1, last: { eventsAfter: 101 } })
    expect((await revisionsOfLog(ledger.store))[0]).toBe(91)
  })

  test('CHECKPOINTs of others that keep coming do not put off the cut', async () => {
    await using bed = new Bed(kind)
    await using ledger = await live(bed)
    const other = await bed.ledger()
    for (let change = 0; change < 8; change += 1) {
      await busy(ledger, 30)
      await other.configure({ ...other.config, graceMs: 1000 + change })
      await ledger.compaction.look()
    }
    const log = await revisionsOfLog(ledger.store)
    expect(log.length).toBeGreaterThanOrEqual(100)
    expect(log.length).toBeLessThan(300)
  })

  test('two processes at once lose nothing and double nothing', async () => {
    await using bed = new Bed(kind)
    await using one = await live(bed)
    await using two = await live(bed)
    for (let piece = 0; piece < 4; piece += 1) {
      await Promise.all([busy(one, 30), busy(two, 30, 'M')])
      await Promise.all([one.refresh(), two.refresh()])
      await Promise.all([one.compaction.look(), two.compaction.look(), busy(one, 5, 'L')])
    }
    for (const { compaction } of [one, two]) expect(compaction.status.lastError).toBeNull()
    expect(one.compaction.status.compactions + two.compaction.status.compactions).toBeGreaterThanOrEqual(2)
    const history = await historyOf(one.store)
    expect(history.filter(({ type }) => type === 'ACQUIRE')).toHaveLength(4 * 65)
    expect(history.map(({ revision }) => revision)).toEqual(history.map((_, index) => index))
    expect((await verifyLedger(one.store, 'default')).ok).toBe(true)
  })

  test('a process that only watches compacts nothing', async () => {
    await using bed = new Bed(kind)
    await using writer = await live(bed, { compaction: { automatic: false } })
    await busy(writer, 120)
    await using watcher = await live(bed)
    const stopWatching = watcher.listen(() => undefined)
    await watcher.leases()
    await bed.time.to(bed.time.nowMs + 3 * EVERY_MS)
    expect(await look(watcher)).toMatchObject({ eventsSince: null, compactions: 0 })
    expect(checkpointsOf(await historyOf(watcher.store))).toEqual([0])
    stopWatching()
    await granted(watcher, { lane: 'mine', holder: 'W' })
    await watcher.compaction.look()
    expect(checkpointsOf(await historyOf(watcher.store))).toHaveLength(2)
  })

  test('a failure stands in the status, raises nowhere, and is tried again', async () => {
    await using bed = new Bed(kind)
    let broken = true
    const store = await bed.store()
    const failing = wrapped(store, {
      compact: (stream, checkpoint) =>
        broken ? Promise.reject(new StoreError('unavailable', 'no disk')) : store.compact(stream, checkpoint),
    })
    await using ledger = await live(bed, {}, failing)
    await busy(ledger, 60)
    expect(await look(ledger)).toMatchObject({ lastError: { code: 'unavailable' }, compactions: 0, running: false })
    await busy(ledger, 1)
    broken = false
    expect(await look(ledger)).toMatchObject({ lastError: null, eventsSince: 0 })
    await busy(ledger, 50)
    expect(await look(ledger)).toMatchObject({ lastError: null, compactions: 1 })
  })

  test('a failure between the cut and the next CHECKPOINT is made good at the next look', async () => {
    await using bed = new Bed(kind)
    const store = await bed.store()
    let broken = false
    const failing = wrapped(store, {
      commit: (...args) => (broken ? Promise.reject(new StoreError('unavailable', 'no disk')) : store.commit(...args)),
    })
    await using ledger = await live(bed, {}, failing)
    await busy(ledger, 50)
    await ledger.compaction.look()
    await busy(ledger, 50)
    broken = true
    expect(await look(ledger)).toMatchObject({ compactions: 1, lastError: { code: 'unavailable' } })
    broken = false
    expect(await look(ledger)).toMatchObject({ compactions: 1, lastError: null, eventsSince: 0 })
    expect(checkpointsOf(await historyOf(ledger.store))).toEqual([0, 101, 202])
  })

  test('goes on where others have cut further and dropped the archive', async () => {
    await using bed = new Bed(kind)
    await using ledger = await live(bed)
    await busy(ledger, 20)
    await ledger.checkpoint({})
    await busy(ledger, 30)
    await ledger.compaction.look()
    const other = await bed.ledger()
    await other.checkpoint({})
    await other.store.compact('default', (await other.store.latestCheckpoint('default'))?.revision ?? fail())
    await bed.time.to(bed.time.nowMs + 10)
    await other.store.dropArchive('default', await other.now())
    await busy(ledger, 60)
    await ledger.compaction.look()
    await ledger.compaction.look()
    expect(ledger.compaction.status.lastError).toBeNull()
    await busy(ledger, 60)
    expect(await look(ledger)).toMatchObject({ lastError: null })
    expect(ledger.compaction.status.compactions).toBeGreaterThanOrEqual(1)
  })

  test('closing the ledger waits for the compaction under way', async () => {
    await using bed = new Bed(kind)
    const store = await bed.store()
    const steps: string[] = []
    const slow = wrapped(store, {
      compact: async (stream, checkpoint) => {
        steps.push('begins')
        for (let turn = 0; turn < 20; turn += 1) await new Promise(resolve => setImmediate(resolve))
        const result = await store.compact(stream, checkpoint)
        steps.push('ends')
        return result
      },
      close: async () => void steps.push('store closes'),
    })
    const ledger = await live(bed, {}, slow)
    await busy(ledger, 60)
    const looking = ledger.compaction.look()
    expect(ledger.compaction.status.running).toBe(true)
    await ledger.close()
    await looking
    expect(steps).toEqual(['begins', 'ends', 'store closes'])
    expect(ledger.compaction.status).toMatchObject({ automatic: false, running: false, lastError: null })
  })
})

test('whoever is told of an attempt may throw and stops nothing', async () => {
  await using bed = new Bed('memory')
  const ledger = await bed.ledger()
  const told: number[] = []
  await using compaction = new AutoCompaction(ledger, {
    policy: POLICY,
    timers: bed.time.timers,
    onAttempt: ({ compactions }) => {
      told.push(compactions)
      throw new Error('no concern of anybody')
    },
  })
  for (let piece = 0; piece < 3; piece += 1) {
    await busy(ledger, 50)
    await compaction.look()
    await compaction.look()
  }
  expect(told).toEqual([0, 1, 2])
})

test('a policy that cannot be understood is refused with all its faults, before a store is made', async () => {
  await using bed = new Bed('sqlite')
  const compaction = { eventsMax: 1, everyMs: 5 }
  await expect(openLedger(`sqlite:${bed.path}`, { compaction })).rejects.toMatchObject({
    code: 'invalid-input',
    faults: [{ path: 'compaction.eventsMax' }, { path: 'compaction.everyMs' }],
  })
  await expect(openLedger(`sqlite:${bed.path}`, { create: false })).rejects.toMatchObject({ code: 'no-ledger' })
})

test('does not keep a process alive that has nothing else to do', async () => {
  const program = `
    import { openLedger } from '@holdfast/engine'
    const ledger = await openLedger('memory:')
    console.log(ledger.compaction.status.automatic)`
  const run = promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
    cwd: import.meta.dirname,
    timeout: 20_000,
  })
  expect((await run).stdout).toBe('true\n')
})

function fail(): never {
  throw new Error('no CHECKPOINT')
}
