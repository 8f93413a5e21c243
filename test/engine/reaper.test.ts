import { ReapProgress } from '@holdfast/core'
import type { Reaper, ReaperOptions, ReapUnit, SpinningJudge } from '@holdfast/engine'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Fleet, SCHEDULE_TIMES } from './harness/fleet.ts'
import { did, rig as makeRig, tick as makeTick } from './harness/reaper-rig.ts'

const S = 1000

let fleet: Fleet
beforeEach(() => {
  fleet = new Fleet({ ...SCHEDULE_TIMES, ageCeilingMs: 100 * S, effectAttempts: 2 })
})
afterEach(async () => {
  await fleet.close()
})

const rig = (name: string, options: Partial<ReaperOptions> = {}) => makeRig(fleet, name, options)
const tick = (reaper: Reaper, spanMs?: number) => makeTick(fleet, reaper, spanMs)

describe('tier 1: a bound process is dead', () => {
  it('is believed after consecutive ticks and past the grace, and reaped once', async () => {
    const { ledger, reaper, effects } = await rig('R')
    const process = fleet.newProcess()
    await ledger.acquire({ lane: 'x', holder: 'A', process, ttl: '60s' })
    fleet.die(process)
    expect(did(await tick(reaper))).toEqual([['left', null]])
    await fleet.time.to(4 * S)
    expect(did(await tick(reaper))).toEqual([['left', null]])
    await fleet.time.to(5 * S)
    expect(did(await tick(reaper))).toEqual([['reaped', 'failed']])
    expect(effects).toHaveLength(1)
    expect(await ledger.leases()).toEqual([])
  })

  it('is not believed of a process that is unknown, nor of a lease that is bound to none', async () => {
    const { ledger, reaper } = await rig('R', { probe: () => 'unknown' })
    await ledger.acquire({ lane: 'x', holder: 'A', process: fleet.newProcess(), ttl: '60s' })
    await ledger.acquire({ lane: 'y', holder: 'A', ttl: '60s' })
    for (const at of [1, 2, 3, 4, 5, 6]) {
      await fleet.time.to(at * S)
      expect((await tick(reaper)).every(({ result }) => result === 'left')).toBe(true)
    }
  })
})

describe('tier 2: an exit was recorded', () => {
  it.each([
    ['green', 'done'],
    ['red', 'failed'],
  ] as const)('an exit of 0 with a %s gate ends as %s, after the finalisation grace', async (colour, disposition) => {
    const { ledger, reaper, effects } = await rig('R', { gate: () => Promise.resolve(colour) })
    const granted = await ledger.acquire({ lane: 'x', holder: 'A', ttl: '60s' })
    if (granted.outcome !== 'granted') throw new Error(granted.outcome)
    await ledger.heartbeat({ lane: 'x', holder: 'A', token: granted.lease.token, exit: { code: 0, signal: null } })
    await fleet.time.to(9 * S)
    expect(did(await tick(reaper))).toEqual([['left', null]])
    await fleet.time.to(11 * S)
    const reaped = reaper.reapOnce()
    await fleet.time.to(80 * S)
    expect(did(await reaped)).toEqual([['reaped', disposition]])
    expect(effects).toHaveLength(1)
  })
})

describe('tier 3 and 4', () => {
  it('a lease beyond the age ceiling is taken by force, and its effect waits until it has drained', async () => {
    const started: number[] = []
    const { ledger, reaper } = await rig('R', {
      onReaped: () => {
        started.push(fleet.time.nowMs)
        return Promise.resolve()
      },
    })
    const granted = await ledger.hold({ lane: 'x', holder: 'A' })
    if (granted.outcome !== 'granted') throw new Error(granted.outcome)
    await fleet.time.to(101 * S)
    const drainsFrom = fleet.time.nowMs
    const until = granted.lease.lease.expiresAtMs - fleet.time.wall() + fleet.time.nowMs
    const reaped = reaper.reapOnce()
    await fleet.time.to(130 * S)
    expect(did(await reaped)).toEqual([['reaped', 'failed']])
    expect(started[0]).toBeGreaterThanOrEqual(until)
    expect(until).toBeGreaterThan(drainsFrom)
  })

  it('an expired lease whose attempts are left ends as retry, and the next ACQUIRE of the run carries the number on', async () => {
    const { ledger, reaper } = await rig('R')
    const request = { lane: 'x', holder: 'A', runId: 'job', maxAttempts: 3 }
    await ledger.acquire(request)
    await fleet.time.to(12 * S)
    expect(did(await tick(reaper))).toEqual([['reaped', 'retry']])
    expect(await ledger.acquire(request)).toMatchObject({ outcome: 'granted', lease: { attempt: 2 } })
  })

  it('a required lease, unbound and from another host, is claimed when it expires (schedule 14)', async () => {
    const { ledger, reaper, effects } = await rig('R')
    await ledger.acquire({ lane: 'x', holder: 'A', reap: 'required' })
    await fleet.time.to(12 * S)
    expect(await ledger.acquire({ lane: 'x', holder: 'B' })).toMatchObject({ code: 'awaiting-reap' })
    expect(did(await tick(reaper))).toEqual([['reaped', 'failed']])
    expect(effects.map(({ cause }) => cause)).toEqual(['expired'])
    expect(await ledger.acquire({ lane: 'x', holder: 'B' })).toMatchObject({ outcome: 'granted' })
  })
})

describe('several reapers', () => {
  it('eight at once: the effect runs once, and the losers do nothing', async () => {
    const rigs = await Promise.all(Array.from({ length: 8 }, (_, index) => rig(`R${index}`)))
    const [first] = rigs
    await first?.ledger.acquire({ lane: 'x', holder: 'A' })
    await fleet.time.to(12 * S)
    const ticking = rigs.map(({ reaper }) => reaper.reapOnce())
    await fleet.time.to(20 * S)
    const results = (await Promise.all(ticking)).flat().map(({ result }) => result)
    expect(results.filter(result => result === 'reaped')).toHaveLength(1)
    expect(rigs.flatMap(({ effects }) => effects)).toHaveLength(1)
  })

  it('a reaper that dies in the effect leaves a claim; the next takes it over with the same key (schedules 11 and 13)', async () => {
    const dying = new Promise<never>(() => {})
    const units: ReapUnit[] = []
    const first = await rig('R1', {
      onReaped: unit => {
        units.push(unit)
        return dying
      },
    })
    const second = await rig('R2', {
      onReaped: unit => {
        units.push(unit)
        return Promise.resolve()
      },
    })
    const granted = await first.ledger.acquire({ lane: 'x', holder: 'A', ttl: '60s' })
    if (granted.outcome !== 'granted') throw new Error(granted.outcome)
    await first.ledger.heartbeat({
      lane: 'x',
      holder: 'A',
      token: granted.lease.token,
      exit: { code: 3, signal: null },
    })
    await fleet.time.to(11 * S)
    void first.reaper.reapOnce()
    await fleet.time.to(90 * S)
    expect(units).toHaveLength(1)
    expect(did(await tick(second.reaper))).toEqual([['left', null]])
    await first.ledger.close()
    await fleet.time.to(170 * S)
    expect(did(await tick(second.reaper))).toEqual([['reaped', 'failed']])
    expect(units).toHaveLength(2)
    const told = units.map(({ key, cause, exit, attempt }) => ({ key, cause, exit, attempt }))
    expect(told[1]).toEqual(told[0])
  })

  it('under the age ceiling two reapers do not take the claim from each other (schedule 12)', async () => {
    const slow = (): Promise<void> =>
      new Promise(resolve => {
        fleet.time.timers.after(300 * S, resolve)
      })
    const first = await rig('R1', { onReaped: slow })
    const second = await rig('R2')
    const held = await first.ledger.hold({ lane: 'x', holder: 'A' })
    if (held.outcome !== 'granted') throw new Error(held.outcome)
    await fleet.time.to(101 * S)
    const reaping = first.reaper.reapOnce()
    for (const at of [110, 150, 210, 250, 330]) {
      await fleet.time.to(at * S)
      expect(did(await tick(second.reaper))).toEqual([['left', null]])
    }
    await fleet.time.to(500 * S)
    expect(did(await reaping)).toEqual([['reaped', 'failed']])
    expect(second.effects).toEqual([])
  })
})

describe('what a reaper does not do', () => {
  it('a lease with a running child is claimed and kept until the child has ended', async () => {
    const { ledger, reaper, effects } = await rig('R')
    const child = fleet.newProcess()
    await ledger.acquire({ lane: 'x', holder: 'A', children: [child] })
    await fleet.time.to(18 * S)
    const reaped = reaper.reapOnce()
    await fleet.time.to(60 * S)
    expect(effects).toEqual([])
    expect((await ledger.leases()).map(({ holder }) => holder)).toEqual(['R'])
    fleet.die(child)
    await fleet.time.to(62 * S)
    expect(did(await reaped)).toEqual([['reaped', 'failed']])
    expect(effects).toHaveLength(1)
  })

  it('a spinning run is proposed for a HALT, once, and never ended, not even beyond the age ceiling', async () => {
    const progress = {
      verdict: 'SPINNING',
      basis: 'no-delta',
      sinceMs: 0,
      events: 0,
      commits: 0,
      files: 0,
      unknown: [],
    }
    const spinning: SpinningJudge = () => ({ spinning: true, progress: ReapProgress.parse(progress) })
    const { ledger, reaper } = await rig('R', { spinning, haltSpinning: true })
    const held = await ledger.hold({ lane: 'x', holder: 'A' })
    if (held.outcome !== 'granted') throw new Error(held.outcome)
    await fleet.time.to(200 * S)
    expect(did(await tick(reaper))).toEqual([['halt-recorded', null]])
    expect(did(await tick(reaper))).toEqual([['left', null]])
    expect(held.lease.haltRequested.aborted).toBe(true)
    expect(held.lease.isHeld).toBe(true)
  })

  it('a dry run explains and writes nothing; the kill switch stops all of it', async () => {
    const { ledger, reaper } = await rig('R', { dryRun: true })
    await ledger.acquire({ lane: 'x', holder: 'A' })
    await fleet.time.to(12 * S)
    const { head } = ledger
    const [planned] = await tick(reaper)
    expect(planned).toMatchObject({ result: 'planned', plan: { verdict: 'claim', cause: 'expired' } })
    expect(ledger.head).toBe(head)
    reaper.enabled = false
    expect(await tick(reaper)).toEqual([])
    expect(reaper.status().enabled).toBe(false)
  })

  it('a unit that fails stops no other, and is counted', async () => {
    const { ledger, reaper } = await rig('R', {
      alreadyAdvanced: ({ lane }) => {
        if (lane === 'bad') throw new Error('no git')
        return false
      },
    })
    await ledger.acquire({ lane: 'bad', holder: 'A' })
    await ledger.acquire({ lane: 'good', holder: 'A' })
    await fleet.time.to(12 * S)
    const actions = await tick(reaper)
    expect(actions.map(({ lane, result }) => [lane, result])).toEqual([
      ['bad', 'failed'],
      ['good', 'reaped'],
    ])
    expect(reaper.status().totals).toMatchObject({ errors: 1, reaped: 1, ticks: 1 })
  })

  it('an effect that keeps failing ends the lease as failed after the configured attempts, and that is told', async () => {
    let starts = 0
    const told: unknown[] = []
    const { ledger, reaper } = await rig('R', {
      onReaped: () => {
        starts += 1
        return Promise.reject(new Error('broken'))
      },
      onFailed: ({ lease, cause, key, reason }) => {
        told.push([lease.lane, cause, key !== null, reason])
      },
    })
    await ledger.acquire({ lane: 'x', holder: 'A', runId: 'job', maxAttempts: 9 })
    await fleet.time.to(12 * S)
    expect(did(await tick(reaper, 5 * S))).toEqual([['reaped', 'failed']])
    expect(starts).toBe(2)
    expect(told).toEqual([['x', 'expired', true, 'the effect failed 2 times: broken']])
  })

  it('ticks at its interval, starts once, and stops when told', async () => {
    const { reaper } = await rig('R')
    reaper.start()
    reaper.start()
    await fleet.time.to(3500)
    const { ticks } = reaper.status().totals
    expect(ticks).toBe(4)
    await reaper.stop()
    await reaper.stop()
    await fleet.time.to(20 * S)
    expect(reaper.status()).toMatchObject({ running: false, totals: { ticks } })
  })
})
