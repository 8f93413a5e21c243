import { LeaseLostError, type HoldRequest } from '@holdfast/engine'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { noFaults, withFaults } from './harness/faulty-store.ts'
import { Fleet } from './harness/fleet.ts'
import { holding } from './harness/holding.ts'
import { settle } from '../setup/virtual-time.ts'

const S = 1000

let fleet: Fleet
beforeEach(() => {
  fleet = new Fleet()
})
afterEach(async () => {
  await fleet.close()
})

describe('the holder guards itself', () => {
  it('a beat that lands after a forced adoption opens no guard; the adopter opens when the old time is over (schedule 1)', async () => {
    const a = await fleet.process(withFaults(noFaults({ deaf: true })))
    const c = await fleet.process()
    const leaseA = await holding(a, { lane: 'x', holder: 'A', beatEvery: '4500ms' })
    await fleet.time.to(8 * S - 500)
    const grantedUntil = leaseA.lease.expiresAtMs
    const adopted = await c.holdAdopted({ lane: 'x', newHolder: 'C', expectToken: leaseA.token, force: true })
    if (adopted.outcome !== 'granted') throw new Error(adopted.outcome)

    await expect(leaseA.beat()).rejects.toMatchObject({ code: 'gone' })
    expect(leaseA.signal.reason).toBeInstanceOf(LeaseLostError)
    await expect(leaseA.guard(() => 'late')).rejects.toBeInstanceOf(LeaseLostError)

    let openedAtMs = Number.NaN
    const guarded = adopted.lease.guard(() => {
      openedAtMs = fleet.time.wall()
    })
    await fleet.time.to(40 * S)
    await guarded
    expect(openedAtMs).toBeGreaterThanOrEqual(grantedUntil)
    expect(openedAtMs).toBeLessThan(grantedUntil + 2 * S)
  })

  it('a deadline counts from the first sending, whatever a lost answer commits later (schedule 2)', async () => {
    const faults = noFaults()
    const a = await fleet.process(withFaults(faults))
    const b = await fleet.process()
    const leaseA = await holding(a, { lane: 'x', holder: 'A', beatEvery: '1s' })
    faults.loseAnswers = true
    await fleet.time.to(1 * S)
    faults.unreachable = true
    await fleet.time.to(8 * S + 900)
    expect(leaseA.isHeld).toBe(true)
    await fleet.time.to(9 * S)
    expect(leaseA.isHeld).toBe(false)
    await expect(leaseA.guard(() => 'late')).rejects.toMatchObject({ code: 'deadline-passed' })

    await fleet.time.to(13 * S)
    const granted = await b.acquire({ lane: 'x', holder: 'B' })
    expect(granted.outcome).toBe('granted')
    faults.loseAnswers = false
    faults.unreachable = false
    await expect(leaseA.beat()).rejects.toBeInstanceOf(LeaseLostError)
    expect(leaseA.isHeld).toBe(false)
  })

  it('a release by the old holder ends the draining and opens the guard of the new one at once', async () => {
    const [a, c] = [await fleet.process(), await fleet.process()]
    const leaseA = await holding(a, { lane: 'x', holder: 'A' })
    const adopted = await c.holdAdopted({ lane: 'x', newHolder: 'C', expectToken: leaseA.token, force: true })
    if (adopted.outcome !== 'granted') throw new Error(adopted.outcome)
    await settle()
    expect(leaseA.signal.reason).toMatchObject({ code: 'adopted' })
    expect(await leaseA.release()).toMatchObject({ outcome: 'drained' })
    const startedAtMs = fleet.time.nowMs
    let openedAtMs = Number.NaN
    const guarded = adopted.lease.guard(() => {
      openedAtMs = fleet.time.nowMs
    })
    await fleet.time.to(startedAtMs + 2 * S)
    await guarded
    expect(openedAtMs - startedAtMs).toBeLessThanOrEqual(1 * S)
  })

  it('a request that cannot be understood takes no lease', async () => {
    const a = await fleet.process()
    const bad = a.hold({ lane: 'x', holder: 'A', beatEvery: 'often' })
    await expect(bad).rejects.toMatchObject({ faults: [{ path: 'beatEvery' }] })
    const lease = await holding(a, { lane: 'x', holder: 'A' })
    const adopting = { lane: 'x', newHolder: 'B', expectToken: lease.token, force: true, beatEvery: 'often' }
    await expect(a.holdAdopted(adopting)).rejects.toMatchObject({ faults: [{ path: 'beatEvery' }] })
    expect((await a.leases()).map(({ holder }) => holder)).toEqual(['A'])
  })

  describe('a release after the own deadline', () => {
    /** A is past its deadline, and its lease still in its grace. */
    const overdue = async (request: Omit<HoldRequest, 'lane' | 'holder'> = {}) => {
      const faults = noFaults()
      const a = await fleet.process(withFaults(faults))
      const lease = await holding(a, { lane: 'x', holder: 'A', ...request })
      faults.unreachable = true
      await fleet.time.to(10 * S)
      expect(lease.signal.reason).toMatchObject({ code: 'deadline-passed' })
      return { faults, lease, b: await fleet.process() }
    }

    it('ends the lease before its grace is over', async () => {
      const { faults, lease, b } = await overdue()
      faults.unreachable = false
      expect(await b.acquire({ lane: 'x', holder: 'B' })).toMatchObject({ outcome: 'refused' })
      expect(await lease.release()).toMatchObject({ outcome: 'released' })
      expect(await b.acquire({ lane: 'x', holder: 'B' })).toMatchObject({ outcome: 'granted' })
    })

    it('finds it held by nobody, by the log as by the handle', async () => {
      const { lease, b } = await overdue()
      expect(lease.isHeld).toBe(false)
      expect(await b.check('x', lease.token)).toMatchObject({ outcome: 'in-grace' })
      await fleet.time.to(12 * S)
      expect(await b.check('x', lease.token)).toMatchObject({ outcome: 'expired' })
    })

    it('leaves it to its expiry while the store is out of reach', async () => {
      const { lease, b } = await overdue()
      expect(await lease.release()).toEqual({ outcome: 'lost' })
      expect((await b.leases()).map(({ holder }) => holder)).toEqual(['A'])
    })

    it('leaves what a reaper has to act on to the reaper', async () => {
      const { faults, lease, b } = await overdue({ reap: 'required' })
      faults.unreachable = false
      expect(await lease.release()).toEqual({ outcome: 'lost' })
      expect((await b.leases()).map(({ holder }) => holder)).toEqual(['A'])
    })

    it('takes nothing from whoever has the lane by then', async () => {
      const { faults, lease, b } = await overdue()
      await fleet.time.to(13 * S)
      await holding(b, { lane: 'x', holder: 'B' })
      faults.unreachable = false
      expect(['lost', 'not-held', 'stale-token']).toContain((await lease.release()).outcome)
      expect((await b.leases()).map(({ holder }) => holder)).toEqual(['B'])
    })
  })

  it('after a suspend the deadline is looked at before anything else, and loss is final', async () => {
    const a = await fleet.process()
    const lease = await holding(a, { lane: 'x', holder: 'A' })
    await fleet.time.to(4 * S)
    fleet.time.jumpTo(60 * S)
    let started = false
    await expect(
      lease.guard(() => {
        started = true
      }),
    ).rejects.toMatchObject({ code: 'deadline-passed' })
    expect(started).toBe(false)
    await fleet.time.to(70 * S)
    expect(lease.isHeld).toBe(false)
    expect(lease.signal.reason).toMatchObject({ code: 'deadline-passed' })
  })

  it('steps of the wall clock neither lose a lease nor keep one', async () => {
    const a = await fleet.process()
    const lease = await holding(a, { lane: 'x', holder: 'A' })
    fleet.time.wallStepMs = -3600 * S
    await fleet.time.to(20 * S)
    expect(lease.isHeld).toBe(true)
    fleet.time.wallStepMs = 3600 * S
    await fleet.time.to(40 * S)
    expect(lease.isHeld).toBe(true)
  })

  it('a repeated grant opens its guard only after a confirmed beat', async () => {
    const faults = noFaults()
    const a = await fleet.process(withFaults(faults))
    const request = { lane: 'x', holder: 'A', requestId: 'r' }
    faults.loseAnswers = true
    await expect(a.hold(request)).rejects.toMatchObject({ code: 'timeout-unknown-outcome' })
    await fleet.time.to(3 * S)
    faults.loseAnswers = false
    const lease = await holding(a, request)
    expect(lease.isHeld).toBe(false)
    expect(await lease.guard(token => token)).toBe(lease.token)
    expect(lease.isHeld).toBe(true)
  })

  it('a store out of reach costs the lease only at its deadline, and the loss says why', async () => {
    const faults = noFaults()
    const a = await fleet.process(withFaults(faults))
    const lease = await holding(a, { lane: 'x', holder: 'A' })
    faults.unreachable = true
    await fleet.time.to(8 * S)
    expect(lease.signal.aborted).toBe(false)
    await fleet.time.to(9 * S)
    expect(lease.signal.reason).toMatchObject({ code: 'deadline-passed', cause: { code: 'unavailable' } })
  })

  it('an announced activity keeps the lease while no beat comes', async () => {
    const faults = noFaults()
    const a = await fleet.process(withFaults(faults))
    const lease = await holding(a, { lane: 'x', holder: 'A' })
    await lease.activity('npm test', { expected: '30s' })
    faults.unreachable = true
    await fleet.time.to(29 * S)
    expect(lease.isHeld).toBe(true)
    await fleet.time.to(31 * S)
    expect(lease.isHeld).toBe(false)
  })
})
