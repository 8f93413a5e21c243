import { openLedgerOn } from '@holdfast/engine'
import { openEventStoreDbStore } from '@holdfast/store/eventstoredb'
import { expect, it } from 'vitest'
import { EsdbFixture } from './fixture/esdb-fixture.ts'

const IN_FLIGHT = 256
const LATENCY_MS = 5

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
