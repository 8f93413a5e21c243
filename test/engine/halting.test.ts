import { afterEach, beforeEach, expect, it } from 'vitest'
import { Fleet } from './harness/fleet.ts'
import { holding } from './harness/holding.ts'
import { settle } from '../setup/virtual-time.ts'

let fleet: Fleet
beforeEach(() => {
  fleet = new Fleet()
})
afterEach(async () => {
  await fleet.close()
})

it('a HALT is no loss: it is heard, enacted and confirmed under a live lease', async () => {
  const [a, operator] = [await fleet.process(), await fleet.process()]
  const lease = await holding(a, { lane: 'x', holder: 'A' })
  await operator.halt({ handle: 'stop', lane: 'x', reason: 'enough' })
  await settle()
  expect(lease.haltRequested.reason).toMatchObject({ handle: 'stop', reason: 'enough' })
  expect(lease.isHeld).toBe(true)
  await lease.enactHalt()
  expect(await lease.release()).toMatchObject({ outcome: 'released' })
  const [halt] = [...(await operator.refresh()).halts.live(fleet.time.wall())].map(([, entry]) => entry)
  expect(halt?.enactedAtMs).not.toBeNull()
  expect(halt?.confirmedAtMs).not.toBeNull()
})

it('a HALT never hits the next holder of the lane', async () => {
  const [a, operator] = [await fleet.process(), await fleet.process()]
  const first = await holding(a, { lane: 'x', holder: 'A' })
  await operator.halt({ handle: 'stop', lane: 'x' })
  await settle()
  await first.release()
  const second = await holding(a, { lane: 'x', holder: 'A' })
  await settle()
  expect(first.haltRequested.aborted).toBe(true)
  expect(second.haltRequested.aborted).toBe(false)
})

it('adoption, eviction and release elsewhere are told to the holder, each with its reason', async () => {
  const [a, b] = [await fleet.process(), await fleet.process()]
  const adopted = await holding(a, { lane: 'x', holder: 'A' })
  const evicted = await holding(a, { lane: 'y', holder: 'A' })
  const released = await holding(a, { lane: 'z', holder: 'A' })
  await b.adopt({ lane: 'x', newHolder: 'B', expectToken: adopted.token, force: true })
  await b.scavenge({ lane: 'y', token: evicted.token, force: true })
  await b.release({ lane: 'z', holder: 'A', token: released.token })
  await settle()
  const codes = [adopted, evicted, released].map(lease => lease.signal.reason as { code: string })
  expect(codes.map(({ code }) => code)).toEqual(['adopted', 'scavenged', 'released'])
})
