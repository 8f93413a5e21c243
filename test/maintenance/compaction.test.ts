import { snapshotState } from '@holdfast/core'
import { compactLedger, type Ledger } from '@holdfast/engine'
import { loadLedger, verifyLedger } from '@holdfast/projections'
import type { LogStore } from '@holdfast/store'
import { describe, expect, test } from 'vitest'
import { wrapped } from '../store/harness/wrapped-store.ts'
import { Bed, granted, historyOf } from './bed.ts'

const KINDS = ['memory', 'sqlite', 'eventstoredb'] as const

async function busy(ledger: Ledger, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const { token } = await granted(ledger, { lane: `l${index % 7}`, holder: 'H' })
    await ledger.release({ lane: `l${index % 7}`, holder: 'H', token })
  }
}

async function faults(store: LogStore) {
  return (await verifyLedger(store, 'default')).checks.filter(({ ok, severity }) => !ok && severity === 'fault')
}

describe.each(KINDS)('compaction on %s', kind => {
  test('cuts at the head, keeps the state and the whole history, and says what it did', async () => {
    await using bed = new Bed(kind)
    const ledger = await bed.ledger()
    await busy(ledger, 20)
    const held = await granted(ledger, { lane: 'api', region: ['src/**'], holder: 'A' })
    const before = snapshotState(await ledger.refresh())
    const history = await historyOf(ledger.store)
    const result = await compactLedger(ledger)
    expect(result).toMatchObject({ eventsBefore: 42, eventsAfter: 1 })
    expect(result.bytesReclaimed).toBeGreaterThan(0)
    expect(snapshotState((await loadLedger(ledger.store, 'default')).state)).toEqual(before)
    expect((await historyOf(ledger.store)).slice(0, -1)).toEqual(history)
    expect(await compactLedger(ledger)).toEqual({ eventsBefore: 1, eventsAfter: 1, bytesReclaimed: 0 })
    expect((await ledger.heartbeat({ lane: 'api', holder: 'A', token: held.token })).outcome).toBe('beaten')
    expect(await faults(ledger.store)).toEqual([])
  })

  test('keeps the newest events or the newest span when told to, and then cuts only where a CHECKPOINT is', async () => {
    await using bed = new Bed(kind)
    const ledger = await bed.ledger()
    await busy(ledger, 5)
    expect(await compactLedger(ledger, { keepLast: { events: 3 } })).toMatchObject({
      eventsBefore: 11,
      eventsAfter: 11,
    })
    await ledger.configure({ ...ledger.config, graceMs: 2000 })
    await bed.time.to(bed.time.nowMs + 60_000)
    await busy(ledger, 2)
    expect(await compactLedger(ledger, { keepLast: { events: 6 } })).toMatchObject({
      eventsBefore: 16,
      eventsAfter: 16,
    })
    expect(await compactLedger(ledger, { keepLast: { spanMs: 90_000 } })).toMatchObject({ eventsAfter: 16 })
    expect(await compactLedger(ledger, { keepLast: { spanMs: 30_000 } })).toMatchObject({ eventsAfter: 5 })
    expect(await faults(ledger.store)).toEqual([])
  })

  test('a process that did not see it goes on where it was', async () => {
    await using bed = new Bed(kind)
    const [one, two] = [await bed.ledger(), await bed.ledger()]
    const held = await granted(two, { lane: 'api', holder: 'B' })
    await busy(one, 10)
    await compactLedger(one)
    expect((await two.heartbeat({ lane: 'api', holder: 'B', token: held.token })).outcome).toBe('beaten')
    expect((await two.acquire({ lane: 'api', holder: 'C' })).outcome).toBe('refused')
    expect(snapshotState(await one.refresh())).toEqual(snapshotState(await two.refresh()))
  })

  test('two at once, while writers work: nothing is lost, nothing is doubled', async () => {
    await using bed = new Bed(kind)
    const ledgers = [await bed.ledger(), await bed.ledger(), await bed.ledger()]
    const [a, b, c] = ledgers
    if (a === undefined || b === undefined || c === undefined) throw new Error('three ledgers')
    await busy(a, 30)
    await Promise.all([compactLedger(a), compactLedger(b), busy(c, 30), compactLedger(a)])
    await compactLedger(b)
    const history = await historyOf(a.store)
    expect(history.filter(({ type }) => type === 'ACQUIRE')).toHaveLength(60)
    expect(new Set(history.map(({ revision }) => revision)).size).toBe(history.length)
    expect(await faults(a.store)).toEqual([])
  })

  test('interrupted between its steps it has lost nothing, and is finished by running it again', async () => {
    await using bed = new Bed(kind)
    const store = await bed.store()
    let cuts = 0
    const failing = wrapped(store, {
      compact: () => {
        cuts += 1
        return Promise.reject(new Error('killed'))
      },
    })
    const ledger = await bed.ledger(undefined, failing)
    await busy(ledger, 5)
    await expect(compactLedger(ledger)).rejects.toThrow('killed')
    expect(cuts).toBe(1)
    const other = await bed.ledger()
    expect(await faults(other.store)).toEqual([])
    expect(await compactLedger(other)).toMatchObject({ eventsBefore: 12, eventsAfter: 1 })
  })

  test('a log that holds what this program cannot read is not compacted', async () => {
    await using bed = new Bed(kind)
    const ledger = await bed.ledger()
    const newer = { eventId: 'x', type: 'ACQUIRE', schemaVersion: 9, actor: null, data: {} }
    await ledger.store.append('default', await ledger.store.head('default'), [newer])
    await expect(compactLedger(ledger)).rejects.toMatchObject({ code: 'ledger-newer' })
    await expect(compactLedger(ledger, { keepLast: { events: 1 } })).rejects.toMatchObject({ code: 'ledger-newer' })
    expect(await historyOf(ledger.store)).toHaveLength(2)
  })

  test('10,000 live leases compact and reopen: a state in parts', { timeout: 60_000 }, async () => {
    await using bed = new Bed(kind)
    const ledger = await bed.ledger({ ttlDefaultMs: 3_600_000, ttlCeilingMs: 3_600_000 })
    const answers = await Promise.all(
      Array.from({ length: 10_000 }, (_, index) =>
        ledger.acquire({ lane: `lane-${index}`, region: [`packages/p${index}/**`], holder: `agent-${index}` }),
      ),
    )
    expect(answers.every(({ outcome }) => outcome === 'granted')).toBe(true)
    expect(await compactLedger(ledger)).toMatchObject({ eventsBefore: 10_001, eventsAfter: 1 })
    const reopened = await bed.ledger()
    expect(await reopened.leases()).toHaveLength(10_000)
    expect((await reopened.acquire({ lane: 'new', region: ['packages/p77/x.ts'], holder: 'B' })).outcome).toBe(
      'refused',
    )
    expect((await granted(reopened, { lane: 'free', holder: 'B' })).token).toBe(10_003)
  })
})
