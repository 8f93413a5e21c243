import { openLedgerOn } from '@holdfast/engine'
import { openEventStoreDbStore } from '@holdfast/store/eventstoredb'
import { afterEach, expect, it, vi } from 'vitest'
import { EsdbFixture } from './fixture/esdb-fixture.ts'
import { VirtualServer } from './virtual-server.ts'

const IN_FLIGHT = 256
const LATENCY_MS = 5
const NO_TIME = { lineMs: () => 0, diskMs: () => 0 }

afterEach(() => {
  vi.useRealTimers()
})

it('commands that are in flight together share their writes over a slow line', async () => {
  await using fixture = await EsdbFixture.start()
  const store = await openEventStoreDbStore({ url: fixture.url(), snapshotFolder: null })
  await using ledger = await openLedgerOn(store)
  fixture.line().latencyMs = LATENCY_MS
  const before = fixture.leader.asked.plain
  const rounds = 4
  for (let round = 0; round < rounds; round += 1) {
    const asked = Array.from({ length: IN_FLIGHT }, (_, index) =>
      ledger.acquire({ lane: `lane-${round}-${index}`, holder: 'A' }),
    )
    const outcomes = await Promise.all(asked)
    expect(outcomes.every(({ outcome }) => outcome === 'granted')).toBe(true)
  }
  expect(fixture.leader.asked.plain - before).toBeLessThanOrEqual(rounds * 2)
  expect(await ledger.leases()).toHaveLength(rounds * IN_FLIGHT)
  expect(fixture.leader.asked.batch).toBe(0)
})

it('a group of a process that writes alone costs one append and the look at its times, and no look before it', async () => {
  // No time passes, so none is too long, and the stamps of one append are one.
  vi.useFakeTimers({ toFake: ['performance'] })
  const server = new VirtualServer()
  await using ledger = await openLedgerOn(server.store(NO_TIME), { compaction: { automatic: false } })
  await ledger.acquire({ lane: 'first', holder: 'A' })
  const before = { ...server.asked }
  const asked = Array.from({ length: 64 }, (_, index) => ledger.acquire({ lane: `lane-${index}`, holder: 'A' }))
  expect((await Promise.all(asked)).every(({ outcome }) => outcome === 'granted')).toBe(true)
  expect(server.asked).toEqual({ appends: before.appends + 1, reads: before.reads + 2, conflicts: before.conflicts })
})

it('who spared the look and was not alone is refused by the server, and decides again', async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  const server = new VirtualServer()
  const open = () => openLedgerOn(server.store(NO_TIME), { compaction: { automatic: false } })
  await using one = await open()
  await using rival = await open()
  await one.acquire({ lane: 'mine', holder: 'A' })
  await rival.refresh()
  expect((await rival.acquire({ lane: 'x', holder: 'B' })).outcome).toBe('granted')
  const { conflicts } = server.asked
  expect((await one.acquire({ lane: 'x', holder: 'A' })).outcome).toBe('refused')
  expect(server.asked.conflicts).toBe(conflicts + 1)
  expect((await one.leases()).map(({ lane, holder }) => `${lane} ${holder}`)).toEqual(['mine A', 'x B'])
})
