import type { LogEntry } from '@holdfast/core'
import { openLedgerOn, type Ledger, type LiveLedger } from '@holdfast/engine'
import { verifyLedger } from '@holdfast/projections'
import { followHistory, type LogStore } from '@holdfast/store'
import { openEventStoreDbStore, type EventStoreDbOptions } from '@holdfast/store/eventstoredb'
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest'
import { VirtualTime } from '../setup/virtual-time.ts'
import { granted, historyOf } from '../maintenance/bed.ts'
import { killWhileCompacting } from '../maintenance/kill-campaign.ts'
import { seeded } from '../store/harness/random.ts'
import { freshFolder } from '../store/harness/sqlite-factory.ts'
import { EsdbFixture } from './fixture/esdb-fixture.ts'
import type { AppendFault } from './fixture/fixture-node.ts'
import { SHORT } from './fixture-factory.ts'
import { readAll } from './harness.ts'

// What is said of automatic compaction on every store is tested in test/maintenance; here what only a store in three
// steps (archive, truncation, next CHECKPOINT), over a line that breaks, can come to.

/** One piece takes two chunks of the archive. */
const EVENTS_MAX = 600

/** Appends of one automatic compaction: two chunks, the truncation, the next CHECKPOINT. */
const APPENDS = 4

let fixture: EsdbFixture
const opened: Ledger[] = []
beforeEach(async () => {
  fixture = await EsdbFixture.start()
})
afterEach(async () => {
  await Promise.all(opened.splice(0).map(ledger => ledger.close()))
  await fixture.close()
})

const open = (options: Partial<EventStoreDbOptions> = {}): Promise<LogStore> =>
  openEventStoreDbStore({ url: fixture.url(), ...SHORT, ...options })

/** A process of its own, that compacts when it is told to look. */
async function process(options: Partial<EventStoreDbOptions> = {}): Promise<LiveLedger> {
  const compaction = { eventsMax: EVENTS_MAX }
  const ledger = await openLedgerOn(await open(options), {
    actor: null,
    timers: new VirtualTime().timers,
    compaction,
  })
  opened.push(ledger)
  await ledger.halt({ handle: 'mine' })
  return ledger
}

async function busy(ledger: Ledger, leases: number): Promise<void> {
  const lanes = Array.from({ length: leases }, (_, index) => `l-${index}`)
  const held = await Promise.all(lanes.map(lane => granted(ledger, { lane, holder: 'H' })))
  await Promise.all(held.map(({ lane, token }) => ledger.release({ lane, holder: 'H', token })))
}

/** A ledger with one whole piece behind its newest CHECKPOINT, and a second one due; gives all of it. */
async function due(): Promise<readonly LogEntry[]> {
  const ledger = await process()
  await busy(ledger, EVENTS_MAX / 2)
  await ledger.compaction.look()
  await busy(ledger, EVENTS_MAX / 2)
  return await historyOf(ledger.store)
}

/** The log begins with the second CHECKPOINT, nothing that was there is lost or doubled, and every check holds. */
async function expectCut(store: LogStore, whole: readonly LogEntry[]): Promise<void> {
  const log = await readAll(store)
  const [, second] = whole.filter(({ type }) => type === 'CHECKPOINT')
  expect(log[0]).toEqual(second)
  const history = await historyOf(store)
  expect(history.slice(0, whole.length)).toEqual(whole)
  expect(history.map(({ revision }) => revision)).toEqual(history.map((_, index) => index))
  expect((await verifyLedger(store, 'default')).checks.filter(({ ok }) => !ok)).toEqual([])
}

describe('automatic compaction on EventStoreDB', () => {
  it('is four appends: two chunks, the truncation, and the next CHECKPOINT', async () => {
    await due()
    const ledger = await process()
    const written: string[] = []
    const stop = fixture.log.onEvent(({ stream, type }) => void written.push(`${stream} ${type}`))
    await ledger.compaction.look()
    stop()
    expect(written.map(each => each.split(' ')[1])).toEqual(['CHUNK', 'CHUNK', '$metadata', 'CHECKPOINT'])
    expect(written).toHaveLength(APPENDS)
  })

  it.each(Array.from({ length: APPENDS + 1 }, (_, index) => index))(
    'in a process that dies after %i of its appends loses nothing, and the next process finishes it',
    async diesAfter => {
      const whole = await due()
      const dying = await process({ patienceMs: 60 })
      let left = diesAfter
      const die = (): void => void fixture.line().refuse()
      const stop = fixture.log.onEvent(() => {
        left -= 1
        if (left === 0) die()
      })
      if (diesAfter === 0) await fixture.line().refuse()
      await dying.compaction.look()
      stop()
      await fixture.line().refuse()
      await fixture.line().listen()
      const next = await process()
      expect((await historyOf(next.store)).slice(0, whole.length)).toEqual(whole)
      await next.compaction.look()
      expect(next.compaction.status.lastError).toBeNull()
      await expectCut(next.store, whole)
      // It goes on by itself: a further piece, a further cut.
      await busy(next, EVENTS_MAX / 2)
      await next.compaction.look()
      expect(next.compaction.status.lastError).toBeNull()
      expect((await readAll(next.store))[0]?.revision).toBeGreaterThan(whole.length - 1)
    },
  )

  it.each([
    'lose-answer',
    'reset-after-commit',
    'reset-before-commit',
    'timeout-after-commit',
    'timeout-before-commit',
  ] satisfies AppendFault[])('finishes in one look though each of its appends meets a fault: %s', async fault => {
    const whole = await due()
    const ledger = await process()
    const writtenBefore = fixture.log.sequence
    fixture.leader.faults.push(fault)
    const stop = fixture.log.onEvent(() => {
      if (fixture.log.sequence < writtenBefore + APPENDS) fixture.leader.faults.push(fault)
    })
    await ledger.compaction.look()
    stop()
    expect(ledger.compaction.status).toMatchObject({ compactions: 1, lastError: null })
    expect(fixture.leader.faults).toEqual([])
    expect(fixture.log.sequence).toBe(writtenBefore + APPENDS)
    await expectCut(ledger.store, whole)
  })

  it('by four processes at once makes one archive and one cut, while others write', async () => {
    const whole = await due()
    const processes = await Promise.all(Array.from({ length: 4 }, () => process()))
    const writer = await process()
    await Promise.all([...processes.map(({ compaction }) => compaction.look()), busy(writer, 20)])
    for (const { compaction } of processes) expect(compaction.status.lastError).toBeNull()
    await expectCut(writer.store, whole)
    const { held } = await writer.store.archive('default')
    const [, second] = whole.filter(({ type }) => type === 'CHECKPOINT')
    expect(held?.events).toBe(second?.revision)
    const chunks = fixture.log.visible('holdfast.archive-default', Infinity)
    expect(chunks).toHaveLength(2)
    // Two that look in the same instant may both find that the next CHECKPOINT is due.
    const checkpoints = (await historyOf(writer.store)).filter(({ type }) => type === 'CHECKPOINT')
    expect(checkpoints.length).toBeGreaterThanOrEqual(3)
    expect(checkpoints.length).toBeLessThanOrEqual(2 + processes.length)
  })

  it('holds up nobody who follows: a reader in the middle of what is cut gets every event once', async () => {
    const whole = await due()
    const [compacting, following] = [await process(), await process()]
    const seen: LogEntry[] = []
    let cut = false
    const abort = new AbortController()
    for await (const item of followHistory(following.store, 'default', 'none', { signal: abort.signal })) {
      expect(item.kind).not.toBe('truncated')
      if (item.kind === 'entries') seen.push(...item.entries)
      if (!cut) await compacting.compaction.look()
      cut = true
      if (seen.length >= whole.length) abort.abort()
    }
    expect(seen.slice(0, whole.length)).toEqual(whole)
  })
})

const KILLS = 8

it(`two processes that compact by themselves, killed ${KILLS} times, lose nothing`, async () => {
  const { path, remove } = await freshFolder()
  try {
    const place = { url: fixture.url(), open: () => open(), compiled: path, how: 'by themselves' } as const
    const { acknowledged, cuts } = await killWhileCompacting(place, KILLS, seeded(inject('seed')))
    expect(acknowledged).toBeGreaterThan(KILLS)
    expect(cuts).toBeGreaterThan(KILLS / 8)
  } finally {
    await remove()
  }
}, 360_000)
