import { expect, it } from 'vitest'
import { EsdbFixture } from './fixture/esdb-fixture.ts'
import { reapsEachLeaseOnce } from './reaping.ts'

it('two reapers on a server end each lease whose work is over once', async () => {
  await using fixture = await EsdbFixture.start()
  await reapsEachLeaseOnce(fixture.url(), 'reaped')
  expect(fixture.leader.asked.plain).toBeGreaterThan(0)
})
