import { join } from 'node:path'
import { snapshotState } from '@holdfast/core'
import { compactLedger, openLedgerOn, type Ledger } from '@holdfast/engine'
import { moveLedger } from '@holdfast/engine/maintenance'
import { verifyLedger } from '@holdfast/projections'
import type { LogStore } from '@holdfast/store'
import { openMemoryStore } from '@holdfast/store/memory'
import { openSqliteStore } from '@holdfast/store/sqlite'
import { describe, expect, test } from 'vitest'
import { wrapped } from '../store/harness/wrapped-store.ts'
import { Bed, granted, historyOf } from './bed.ts'

const HOUR_MS = 3_600_000

/** A store elsewhere whose clock is an hour ahead. */
async function elsewhere(bed: Bed, kind: 'memory' | 'sqlite', name = 'there.db'): Promise<LogStore> {
  const clock = () => bed.time.wall() + HOUR_MS
  if (kind === 'memory') return wrapped(openMemoryStore({ clock }), { url: 'memory:there' })
  return openSqliteStore({ path: join(bed.folder, name), clock, bootClock: bed.time.boot })
}

async function withPast(bed: Bed): Promise<Ledger> {
  const ledger = await bed.ledger()
  const { token } = await granted(ledger, { lane: 'db', holder: 'B' })
  await ledger.release({ lane: 'db', holder: 'B', token })
  await bed.time.to(bed.time.nowMs + 2000)
  await compactLedger(ledger)
  await granted(ledger, { lane: 'api', region: ['src/**'], holder: 'A', requestId: 'r1' })
  await ledger.acquire({ lane: 'api', holder: 'C' })
  return ledger
}

const opening = (bed: Bed) => ({ actor: null, bootClock: bed.time.boot, timers: bed.time.timers })

describe.each([
  ['memory', 'sqlite'],
  ['sqlite', 'memory'],
  ['sqlite', 'sqlite'],
] as const)('a move from %s to %s', (from, to) => {
  test('takes history, live set, tokens and answers along, and the old place says where it is', async () => {
    await using bed = new Bed(from)
    const ledger = await withPast(bed)
    const before = snapshotState(await ledger.refresh())
    const there = await elsewhere(bed, to)
    const report = await moveLedger(ledger, there, opening(bed))
    expect(report).toMatchObject({ movedTo: there.url, copied: 7, head: 7 })
    const moved = await bed.ledgerOn(there)
    expect(snapshotState(await moved.refresh())).toEqual(before)
    expect((await historyOf(there)).slice(0, -1)).toEqual(await historyOf(ledger.store))
    await expect(ledger.acquire({ lane: 'x', holder: 'H' })).rejects.toMatchObject({ code: 'moved' })
    await expect(ledger.acquire({ lane: 'x', holder: 'H' })).rejects.toThrow(there.url)
    await expect(compactLedger(ledger)).rejects.toMatchObject({ code: 'moved' })
    const repeated = await moved.acquire({ lane: 'api', region: ['src/**'], holder: 'A', requestId: 'r1' })
    expect(repeated).toMatchObject({ outcome: 'granted', repeated: true, lease: { token: 4 } })
    expect((await granted(moved, { lane: 'new', holder: 'N' })).token).toBe(8)
    expect((await verifyLedger(there, 'default')).ok).toBe(true)
  })

  test('the new clock is an hour ahead, and no lease expires by it (schedule 21)', async () => {
    await using bed = new Bed(from)
    const ledger = await withPast(bed)
    const [held] = await ledger.leases()
    const there = await elsewhere(bed, to)
    const left = (held?.expiresAtMs ?? 0) - (await ledger.now())
    await moveLedger(ledger, there, opening(bed))
    const moved = await bed.ledgerOn(there)
    expect((held?.expiresAtMs ?? 0) - (await moved.now())).toBe(left)
    expect((await moved.acquire({ lane: 'api', holder: 'C' })).outcome).toBe('refused')
    await bed.time.to(bed.time.nowMs + left - 1)
    expect((await moved.acquire({ lane: 'api', holder: 'C' })).outcome).toBe('refused')
    await bed.time.to(bed.time.nowMs + 1)
    expect((await granted(moved, { lane: 'api', holder: 'C' })).holder).toBe('C')
  })

  test('interrupted anywhere it can be run again, and comes to the same', async () => {
    await using bed = new Bed(from)
    const ledger = await withPast(bed)
    await Promise.all(Array.from({ length: 700 }, (_, index) => ledger.halt({ handle: `h${index}` })))
    const there = await elsewhere(bed, to)
    let interruptions = 0
    for (let writes = 0; ; writes += 1) {
      try {
        await moveLedger(ledger, dyingAfter(there, writes), opening(bed))
        break
      } catch (error) {
        expect(error).toMatchObject({ message: 'killed' })
        interruptions += 1
      }
    }
    expect(interruptions).toBeGreaterThan(0)
    const report = await moveLedger(ledger, there, opening(bed))
    expect(report.copied).toBe(0)
    const history = await historyOf(there)
    expect(history.slice(0, -1)).toEqual(await historyOf(ledger.store))
    expect(history.filter(({ type }) => type === 'CHECKPOINT')).toHaveLength(4)
  })
})

test.each(['memory', 'sqlite'] as const)(
  'from a clock that can step to %s the clock waits the bound first (schedule 22)',
  async to => {
    // Only the wall clock makes a step here, and only the memory store follows it.
    await using bed = new Bed('memory')
    const stepping = wrapped(await bed.store(), { clock: 'can-step' })
    const ledger = await bed.ledgerOn(stepping)
    const held = await granted(ledger, { lane: 'api', holder: 'A' })
    // A new leader is five seconds ahead, and writes.
    bed.time.wallStepMs += 5000
    await granted(ledger, { lane: 'other', holder: 'A' })
    const there = await elsewhere(bed, to)
    await moveLedger(ledger, there, opening(bed))
    const moved = await bed.ledgerOn(there)
    const arrivedAtMs = await moved.now()
    await bed.time.to(bed.time.nowMs + 5000)
    expect(await moved.now()).toBe(arrivedAtMs)
    await bed.time.to(12_000 - 1)
    expect(await moved.acquire({ lane: 'api', holder: 'C' })).toMatchObject({
      outcome: 'refused',
      earliestRetryAt: held.expiresAtMs,
    })
    await bed.time.to(12_000)
    expect((await granted(moved, { lane: 'api', holder: 'C' })).holder).toBe('C')
  },
)

/** Fails at its write number `writes`, half of the time after it was made. */
function dyingAfter(store: LogStore, writes: number): LogStore {
  let left = writes
  const mayWrite = async <T>(write: () => Promise<T>): Promise<T> => {
    left -= 1
    if (left >= 0) return write()
    if (writes % 2 === 1) await write()
    throw new Error('killed')
  }
  return wrapped(store, {
    append: (...args) => mayWrite(() => store.append(...args)),
    commit: (...args) => mayWrite(() => store.commit(...args)),
  })
}

test('a held lease whose beat lands after the move is lost, not extended (schedule 3)', async () => {
  await using bed = new Bed('memory')
  const [holding, moving] = [await bed.ledger(), await bed.ledger()]
  const asked = await holding.hold({ lane: 'api', holder: 'A' })
  if (asked.outcome !== 'granted') throw new Error('not granted')
  const { lease } = asked
  await moveLedger(moving, await elsewhere(bed, 'sqlite'), opening(bed))
  await bed.time.to(bed.time.nowMs + 4000)
  expect(lease.signal.aborted).toBe(true)
  expect(lease.signal.reason).toMatchObject({ code: 'moved' })
  await expect(lease.guard(() => 'late')).rejects.toMatchObject({ code: 'moved' })
})

test('a place that holds another ledger is refused before anything is closed', async () => {
  await using bed = new Bed('sqlite')
  const ledger = await withPast(bed)
  const there = await elsewhere(bed, 'sqlite')
  const other = await openLedgerOn(there, opening(bed))
  await expect(moveLedger(ledger, there, opening(bed))).rejects.toMatchObject({ code: 'invalid' })
  await expect(moveLedger(ledger, ledger.store, opening(bed))).rejects.toMatchObject({ code: 'invalid' })
  expect((await granted(ledger, { lane: 'x', holder: 'H' })).lane).toBe('x')
  await other.close()
})

test('what has moved to one place moves to no other', async () => {
  await using bed = new Bed('sqlite')
  const ledger = await withPast(bed)
  const there = await elsewhere(bed, 'sqlite')
  await moveLedger(ledger, there, opening(bed))
  const third = await elsewhere(bed, 'sqlite', 'third.db')
  await expect(moveLedger(ledger, third, opening(bed))).rejects.toMatchObject({ code: 'moved' })
  expect(await third.head('default')).toBe('none')
  const onward = await bed.ledgerOn(there)
  await moveLedger(onward, third, opening(bed))
  expect((await historyOf(third)).slice(0, -2)).toEqual((await historyOf(there)).slice(0, -1))
  await third.close()
})
