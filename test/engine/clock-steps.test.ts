import type { Ledger } from '@holdfast/engine'
import type { LogStore } from '@holdfast/store'
import { afterEach, describe, expect, it } from 'vitest'
import { Fleet, SCHEDULE_TIMES } from './harness/fleet.ts'
import { holding } from './harness/holding.ts'
import { did, rig, tick } from './harness/reaper-rig.ts'

// Schedule 22 of docs/schedules.md, in seconds: TTL 9, grace 3, bound of a step 5. The log clock is one that can step.

const S = 1000
/** A reading of the boot clock can be 10 ms too early, so by that a span is counted longer. */
const BOOT_STEP_MS = 10
/** Besides, a waiter looks a little past the time that it was told. */
const READING_MS = BOOT_STEP_MS + 5

let fleet: Fleet
function fleetOf(clock: LogStore['clock'], times = SCHEDULE_TIMES): Fleet {
  fleet = new Fleet(times, clock)
  return fleet
}
afterEach(async () => {
  await fleet.close()
})

const leap = (): void => {
  fleet.time.wallStepMs += 5 * S
}

describe('the leader’s clock steps by five seconds (schedule 22)', () => {
  /** When a waiter that has listened all along gets the lane of a holder who fell silent at 0. */
  async function waiterGetsAtMs(clock: LogStore['clock']): Promise<number> {
    const { time } = fleetOf(clock)
    const [a, b] = [await fleet.process(), await fleet.process()]
    await holding(b, { lane: 'elsewhere', holder: 'B' })
    await a.acquire({ lane: 'x', holder: 'A' })
    let gotAtMs = Number.NaN
    const waited = b.acquire({ lane: 'x', holder: 'B' }, { wait: '60s' }).then(outcome => {
      gotAtMs = time.nowMs
      return outcome.outcome
    })
    await time.to(1 * S)
    leap()
    await time.to(30 * S)
    expect(await waited).toBe('granted')
    return gotAtMs
  }

  it('a waiter that has listened gets nothing early, and waits no longer than the span', async () => {
    const gotAtMs = await waiterGetsAtMs('can-step')
    expect(gotAtMs).toBeGreaterThanOrEqual(12 * S + BOOT_STEP_MS)
    expect(gotAtMs).toBeLessThanOrEqual(12 * S + READING_MS)
  })

  it('with the defence switched off it would get it four seconds early', async () => {
    expect(await waiterGetsAtMs('steady')).toBeLessThan(8.5 * S)
  })

  it('a process that begins at 8 waits the bound, and its refusal says until when', async () => {
    const { time } = fleetOf('can-step')
    const a = await fleet.process()
    const lease = await a.acquire({ lane: 'x', holder: 'A' })
    if (lease.outcome !== 'granted') throw new Error(lease.outcome)
    leap()
    await time.to(8 * S)
    const late = async (): Promise<Ledger> => fleet.process()
    const refused = await (await late()).acquire({ lane: 'x', holder: 'C' })
    expect(refused).toMatchObject({
      outcome: 'refused',
      code: 'lane-held',
      earliestRetryAt: lease.lease.expiresAtMs + 5 * S,
    })
    const { token } = lease.lease
    expect(await (await late()).scavenge({ lane: 'x', token })).toMatchObject({
      outcome: 'refused',
      code: 'still-held',
    })
    expect(await (await late()).adopt({ lane: 'x', newHolder: 'C', expectToken: token })).toMatchObject({
      outcome: 'refused',
    })
    // Twelve by its own time; the log clock shows 17.
    await time.to(11.9 * S)
    expect((await (await late()).acquire({ lane: 'x', holder: 'C' })).outcome).toBe('refused')
    await time.to(12 * S)
    expect((await (await late()).acquire({ lane: 'x', holder: 'C' })).outcome).toBe('granted')
  })

  it('a guard over what was taken by force opens no earlier, in whatever process', async () => {
    const { time } = fleetOf('can-step')
    const [a, b] = [await fleet.process(), await fleet.process()]
    await holding(b, { lane: 'elsewhere', holder: 'B' })
    const first = await a.acquire({ lane: 'x', holder: 'A' })
    if (first.outcome !== 'granted') throw new Error(first.outcome)
    await time.to(1 * S)
    const taken = await b.holdAdopted({ lane: 'x', newHolder: 'B', expectToken: first.lease.token, force: true })
    if (taken.outcome !== 'granted') throw new Error(taken.outcome)
    let openedAtMs = Number.NaN
    const guarded = taken.lease.guard(() => {
      openedAtMs = time.nowMs
    })
    await time.to(2 * S)
    leap()
    await time.to(8 * S)
    const { lane, token } = taken.lease
    for (const ledger of [b, await fleet.process()]) {
      expect(await ledger.check(lane, token)).toMatchObject({ outcome: 'draining' })
    }
    await time.to(30 * S)
    await guarded
    expect(openedAtMs).toBeGreaterThanOrEqual(12 * S)
    expect(openedAtMs).toBeLessThanOrEqual(12 * S + READING_MS)
    expect(await b.check(lane, token)).toMatchObject({ outcome: 'held' })
  })

  it('a reaper plans nothing that would be refused: it leaves the lease until its own time too', async () => {
    fleetOf('can-step', { ...SCHEDULE_TIMES, ageCeilingMs: 100 * S })
    const { ledger, reaper } = await rig(fleet, 'R')
    await ledger.acquire({ lane: 'x', holder: 'A' })
    leap()
    for (const at of [8, 11]) {
      await fleet.time.to(at * S)
      expect(did(await tick(fleet, reaper))).toEqual([['left', null]])
    }
    expect((await ledger.refresh()).counts.REFUSE).toBe(0)
    await fleet.time.to(12 * S + 2 * READING_MS)
    expect(did(await tick(fleet, reaper))).toEqual([['reaped', 'failed']])
  })

  it('a reaper finds nobody dead or finished sooner', async () => {
    fleetOf('can-step', { ...SCHEDULE_TIMES, ageCeilingMs: 100 * S })
    const { ledger, reaper } = await rig(fleet, 'R', { onReaped: undefined })
    const process = fleet.newProcess()
    await ledger.acquire({ lane: 'x', holder: 'A', process, ttl: '60s' })
    const exited = await holding(ledger, { lane: 'y', holder: 'A', ttl: '60s', process: null })
    await exited.beat({ exit: { code: 1, signal: null } })
    exited.abandon()
    fleet.die(process)
    leap()
    for (const at of [0.5, 1.5, 2.4]) {
      await fleet.time.to(at * S)
      expect(did(await tick(fleet, reaper))).toEqual([
        ['left', null],
        ['left', null],
      ])
    }
    await fleet.time.to(3.5 * S)
    expect(did(await tick(fleet, reaper))).toEqual([
      ['reaped', 'failed'],
      ['left', null],
    ])
    await fleet.time.to(9.5 * S)
    expect(did(await tick(fleet, reaper))).toEqual([['left', null]])
    await fleet.time.to(10.5 * S)
    expect(did(await tick(fleet, reaper))).toEqual([['reaped', 'failed']])
  })
})

describe('a process that reads late', () => {
  it('is no slower than one that has just begun: what it read late is past by the log clock and the bound', async () => {
    const { time } = fleetOf('can-step')
    const [a, b] = [await fleet.process(), await fleet.process()]
    await time.to(10 * S)
    await a.acquire({ lane: 'x', holder: 'A', ttl: '9s' })
    await time.to(100 * S)
    // The first that it reads is what it decides on.
    expect((await b.acquire({ lane: 'x', holder: 'B' })).outcome).toBe('granted')
  })

  it('by looking alone it is none the slower either', async () => {
    const { time } = fleetOf('can-step')
    const [a, b] = [await fleet.process(), await fleet.process()]
    await time.to(10 * S)
    await a.acquire({ lane: 'x', holder: 'A', ttl: '9s' })
    await time.to(100 * S)
    await b.refresh()
    expect((await b.acquire({ lane: 'x', holder: 'B' })).outcome).toBe('granted')
  })

  it('waits the bound where it is just within it', async () => {
    const { time } = fleetOf('can-step')
    const [a, b] = [await fleet.process(), await fleet.process()]
    await a.acquire({ lane: 'x', holder: 'A' })
    await time.to(7 * S)
    // Read seven seconds late, so not watched.
    await b.refresh()
    await time.to(16.9 * S)
    expect((await b.acquire({ lane: 'x', holder: 'B' })).outcome).toBe('refused')
    await time.to(17 * S)
    expect((await b.acquire({ lane: 'x', holder: 'B' })).outcome).toBe('granted')
  })
})
