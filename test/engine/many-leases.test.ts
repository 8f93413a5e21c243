import { afterEach, beforeEach, expect, it } from 'vitest'
import { noFaults, withFaults } from './harness/faulty-store.ts'
import { Fleet } from './harness/fleet.ts'
import { holding } from './harness/holding.ts'

const S = 1000
const LEASES = 200

let fleet: Fleet
beforeEach(() => {
  fleet = new Fleet()
})
afterEach(async () => {
  await fleet.close()
})

it('many leases of one process are beaten together, none of them late', async () => {
  const faults = noFaults()
  const ledger = await fleet.process(withFaults(faults))
  const leases = []
  for (let index = 0; index < LEASES; index += 1) {
    leases.push(await holding(ledger, { lane: `l${index}`, holder: 'A' }))
    await fleet.time.to(fleet.time.nowMs + 7)
  }
  await fleet.time.to(10 * S)
  const before = faults.commits
  const beatsBefore = (await ledger.refresh()).counts.HEARTBEAT
  await fleet.time.to(40 * S)
  const beats = (await ledger.refresh()).counts.HEARTBEAT - beatsBefore
  expect(beats).toBeGreaterThanOrEqual(LEASES * 9)
  expect(beats / (faults.commits - before)).toBeGreaterThan(10)
  expect(leases.every(({ isHeld }) => isHeld)).toBe(true)
})
