import { Configuration, ReapPolicy } from '@holdfast/core'
import type { Reaper, ReaperOptions, ReaperStatus } from '@holdfast/engine'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { noFaults, withFaults } from './harness/faulty-store.ts'
import { Fleet, SCHEDULE_TIMES } from './harness/fleet.ts'
import { holding } from './harness/holding.ts'
import { did, rig, tick } from './harness/reaper-rig.ts'

// The rows of "Reaper" in docs/features.md. Real processes, crashes and the command line: test/reaper and test/cli-engine.

const S = 1000

let fleet: Fleet
beforeEach(() => {
  fleet = new Fleet({ ...SCHEDULE_TIMES, ageCeilingMs: 100 * S })
})
afterEach(async () => {
  await fleet.close()
})

const results = async (reaper: Reaper): Promise<unknown[]> => (await tick(fleet, reaper)).map(({ result }) => result)

describe('a process dead for consecutive ticks (reaper, feature 1)', () => {
  it('one look that finds it alive or cannot tell begins the count again', async () => {
    const process = fleet.newProcess()
    const { ledger, reaper } = await rig(fleet, 'R')
    await ledger.acquire({ lane: 'x', holder: 'A', process, ttl: '60s' })
    await fleet.time.to(4 * S)
    const looks: unknown[] = []
    for (const status of ['dead', 'unknown', 'dead', 'alive', 'dead', 'dead'] as const) {
      if (status === 'dead') fleet.die(process)
      else fleet.revive(process, status)
      looks.push(...(await results(reaper)))
      await fleet.time.to(fleet.time.nowMs + S)
    }
    expect(looks).toEqual(['left', 'left', 'left', 'left', 'left', 'reaped'])
  })

  it('a reaper that was paused did not watch meanwhile: its gap is no tick', async () => {
    const process = fleet.newProcess()
    const { ledger, reaper } = await rig(fleet, 'R')
    await ledger.acquire({ lane: 'x', holder: 'A', process, ttl: '60s' })
    fleet.die(process)
    await fleet.time.to(4 * S)
    expect(await results(reaper)).toEqual(['left'])
    // Suspended for longer than three intervals: what was seen before counts no more.
    fleet.time.jumpTo(30 * S)
    expect(await results(reaper)).toEqual(['left'])
    await fleet.time.to(32 * S)
    expect(await results(reaper)).toEqual(['reaped'])
  })
})

describe('a recorded exit (reaper, feature 2)', () => {
  it('leaves its holder the finalisation grace to finish, and a holder that does is never reaped', async () => {
    const { ledger, reaper, effects } = await rig(fleet, 'R')
    const lease = await holding(ledger, { lane: 'x', holder: 'A' })
    await lease.beat({ exit: { code: 0, signal: null } })
    await fleet.time.to(9 * S)
    const [finalising] = await tick(fleet, reaper)
    expect(finalising).toMatchObject({ result: 'left', plan: { basis: 'finalising' } })
    await lease.release()
    await fleet.time.to(20 * S)
    expect(await tick(fleet, reaper)).toEqual([])
    expect(effects).toEqual([])
  })
})

describe('the age ceiling (reaper, feature 3)', () => {
  it('must exceed the finalisation grace, in the policy and in the configuration of a ledger', () => {
    const policy = { probeCount: 2, maxTickGapMs: 1, finalisationGraceMs: 10, ageCeilingMs: 10, effectAttempts: 1 }
    const why = 'ageCeilingMs must exceed finalisationGraceMs'
    expect(ReapPolicy.safeParse(policy).error?.issues[0]?.message).toContain(why)
    expect(ReapPolicy.safeParse({ ...policy, ageCeilingMs: 11 }).success).toBe(true)
    expect(Configuration.safeParse({ finalisationGraceMs: 500_000, ageCeilingMs: 500_000 }).success).toBe(false)
  })

  it('ends what still beats, by force, so that it drains', async () => {
    const { ledger, reaper } = await rig(fleet, 'R', { onReaped: undefined })
    await holding(ledger, { lane: 'x', holder: 'A' })
    await fleet.time.to(99 * S)
    expect(await results(reaper)).toEqual(['left'])
    await fleet.time.to(101 * S)
    expect(await results(reaper)).toEqual(['reaped'])
    expect(await ledger.acquire({ lane: 'x', holder: 'B' })).toMatchObject({ outcome: 'refused', code: 'draining' })
  })
})

describe('an exit of 0 (reaper, feature 4)', () => {
  async function ended(options: Partial<ReaperOptions>, name = 'R') {
    const made = await rig(fleet, name, options)
    const granted = await made.ledger.acquire({ lane: 'x', holder: 'A', maxAttempts: 2, runId: 'job' })
    if (granted.outcome !== 'granted') throw new Error(granted.outcome)
    const exit = { code: 0, signal: null }
    await made.ledger.heartbeat({ lane: 'x', holder: 'A', token: granted.lease.token, exit })
    await fleet.time.to(11 * S)
    return made
  }

  it('whose work has moved on by itself is done, with neither gate nor effect', async () => {
    let asked = 0
    const gate = (): Promise<'red'> => {
      asked += 1
      return Promise.resolve('red')
    }
    const { reaper, effects } = await ended({ alreadyAdvanced: () => true, gate })
    expect(did(await tick(fleet, reaper))).toEqual([['reaped', 'done']])
    expect([asked, effects.length]).toEqual([0, 0])
  })

  it.each([
    ['green', 'done'],
    ['red', 'retry'],
    ['unknown', 'retry'],
  ] as const)('a gate that is %s makes it %s; gate and effect come after the claim', async (colour, disposition) => {
    const heads: unknown[] = []
    const { ledger, reaper } = await ended({
      gate: async (_unit, { token }) => {
        heads.push(['gate', (await ledger.leases())[0]?.token === token])
        return colour
      },
      onReaped: async (_unit, { token }) => {
        heads.push(['effect', (await ledger.leases())[0]?.token === token])
      },
    })
    const reaping = reaper.reapOnce()
    await fleet.time.to(60 * S)
    expect(did(await reaping)).toEqual([['reaped', disposition]])
    expect(heads).toEqual([
      ['gate', true],
      ['effect', true],
    ])
  })

  it('whoever loses the claim does nothing', async () => {
    const { ledger, reaper, effects } = await ended({})
    const slow = await rig(fleet, 'S', {
      // Another one claims between its look and its claim.
      alreadyAdvanced: async () => {
        const [lease] = await ledger.leases()
        if (lease === undefined) return false
        const claim = { cause: 'exited' } as const
        await ledger.adopt({ lane: 'x', newHolder: 'T', expectToken: lease.token, claim })
        return false
      },
    })
    expect(await results(slow.reaper)).toEqual(['lost'])
    expect(slow.effects).toEqual([])
    expect(slow.reaper.status().totals).toMatchObject({ lost: 1, reaped: 0, errors: 0 })
    expect(await results(reaper)).toEqual(['left'])
    expect(effects).toEqual([])
  })
})

describe('attempts (reaper, feature 5)', () => {
  it('left make it retry, and the next grant of the run counts on; the last one is failed, and that is told', async () => {
    const told: unknown[] = []
    const { ledger, reaper } = await rig(fleet, 'R', {
      onFailed: ({ lease, attempt, cause, reason }) => {
        told.push([lease.runId, attempt, cause, reason])
      },
    })
    const request = { lane: 'x', holder: 'A', runId: 'job', maxAttempts: 2 }
    const dispositions: unknown[] = []
    for (const attempt of [1, 2]) {
      expect(await ledger.acquire(request)).toMatchObject({ outcome: 'granted', lease: { attempt } })
      await fleet.time.to(fleet.time.nowMs + 13 * S)
      dispositions.push(...did(await tick(fleet, reaper)))
    }
    expect(dispositions).toEqual([
      ['reaped', 'retry'],
      ['reaped', 'failed'],
    ])
    expect(told).toEqual([['job', 2, 'expired', 'it has expired']])
  })

  it('a notification that fails is counted and told, and the lease was reaped all the same', async () => {
    const { ledger, reaper } = await rig(fleet, 'R', { onFailed: () => Promise.reject(new Error('no mail today')) })
    await ledger.acquire({ lane: 'x', holder: 'A' })
    await fleet.time.to(13 * S)
    const [action] = await tick(fleet, reaper)
    expect(action).toMatchObject({
      result: 'reaped',
      disposition: 'failed',
      detail: 'it has expired; telling of it failed: no mail today',
    })
    expect(reaper.status().totals).toMatchObject({ reaped: 1, failed: 1, errors: 1 })
  })
})

describe('the loop (reaper, feature 6)', () => {
  it('ticks at its interval, spread by a tenth so that many do not move in step', async () => {
    const { reaper } = await rig(fleet, 'R', { random: () => 0 })
    const slow = await rig(fleet, 'S', { random: () => 0.999_999 })
    reaper.start()
    slow.reaper.start()
    await fleet.time.to(9950)
    const ticks = [reaper, slow.reaper].map(each => each.status().totals.ticks)
    // The first one at once, then every 0.9 and every 1.1 seconds.
    expect(ticks).toEqual([12, 10])
  })

  it('a second start changes nothing, a second stop neither, and after a stop it can start again', async () => {
    const { reaper } = await rig(fleet, 'R')
    const ticks = (): number => reaper.status().totals.ticks
    reaper.start()
    reaper.start()
    await fleet.time.to(2500)
    expect(ticks()).toBe(3)
    await Promise.all([reaper.stop(), reaper.stop()])
    await fleet.time.to(10 * S)
    expect([ticks(), reaper.status().running]).toEqual([3, false])
    reaper.start()
    await fleet.time.to(11_500)
    expect([ticks(), reaper.status().running]).toEqual([5, true])
    await reaper.stop()
  })

  it('a long effect holds up no tick and no other lease, and a stop waits for it', async () => {
    const spoken: string[] = []
    const { ledger, reaper } = await rig(fleet, 'R', {
      onAction: ({ lane, result }) => spoken.push(`${lane} ${result}`),
      onReaped: ({ lease }) =>
        new Promise(resolve => {
          fleet.time.timers.after(lease.lane === 'slow' ? 30 * S : 0, resolve)
        }),
    })
    await ledger.acquire({ lane: 'slow', holder: 'A' })
    await fleet.time.to(13 * S)
    reaper.start()
    await fleet.time.to(14 * S)
    await ledger.acquire({ lane: 'quick', holder: 'A' })
    await fleet.time.to(30 * S)
    expect((await ledger.leases()).map(({ lane }) => lane)).toEqual(['slow'])
    let stopped = false
    const stopping = reaper.stop().then(() => (stopped = true))
    await fleet.time.to(40 * S)
    expect(stopped).toBe(false)
    await fleet.time.to(44 * S)
    await stopping
    expect(await ledger.leases()).toEqual([])
    // What is under way is no business of the ticks meanwhile.
    expect(spoken.filter(text => text.startsWith('slow'))).toEqual(['slow reaped'])
  })

  it('the kill switch stops all of it at once and lets it go on later', async () => {
    const { ledger, reaper } = await rig(fleet, 'R')
    reaper.start()
    reaper.enabled = false
    await ledger.acquire({ lane: 'x', holder: 'A' })
    await fleet.time.to(20 * S)
    expect(reaper.status()).toMatchObject({ enabled: false, running: true, totals: { reaped: 0 } })
    expect(await ledger.leases()).toHaveLength(1)
    reaper.enabled = true
    await fleet.time.to(22 * S)
    expect(reaper.status().totals.reaped).toBe(1)
    await reaper.stop()
  })

  it('its status tells what it is, when it looked, what it did in all and last; a stream tells each change', async () => {
    const { ledger, reaper } = await rig(fleet, 'R')
    const seen: ReaperStatus[] = []
    const watching = reaper.status$.subscribe(status => seen.push(status))
    await ledger.acquire({ lane: 'x', holder: 'A' })
    await fleet.time.to(13 * S)
    const lookedAtMs = fleet.time.wall()
    await tick(fleet, reaper)
    const { lastRunAtMs, lastAction, ...status } = reaper.status()
    expect(status).toEqual({
      enabled: true,
      running: false,
      intervalMs: S,
      lastError: null,
      totals: { ticks: 1, reaped: 1, retry: 0, failed: 1, done: 0, haltsProposed: 0, lost: 0, errors: 0 },
    })
    expect(lastAction).toMatchObject({ lane: 'x', result: 'reaped', disposition: 'failed' })
    expect((lastRunAtMs ?? 0) - lookedAtMs).toBeLessThan(10)
    expect(seen.at(-1)).toBe(reaper.status())
    expect(seen[0]?.totals.ticks).toBe(0)
    watching.unsubscribe()
  })
})

describe('a tick never raises (reaper, feature 7)', () => {
  it('a store out of reach is the error of the tick, told and counted, and the next one goes on', async () => {
    const faults = noFaults()
    const ledger = await fleet.process(withFaults(faults))
    const { reaper } = await rig(fleet, 'R', {}, ledger)
    await ledger.acquire({ lane: 'x', holder: 'A' })
    await fleet.time.to(13 * S)
    faults.unreachable = true
    expect(await results(reaper)).toEqual(['failed'])
    expect(reaper.status().totals).toMatchObject({ ticks: 1, errors: 1 })
    faults.unreachable = false
    expect(await results(reaper)).toEqual(['reaped'])
  })

  it('a store that cannot be read is told as the error of the look, and no lease was seen', async () => {
    const { ledger, reaper } = await rig(fleet, 'R')
    await ledger.acquire({ lane: 'x', holder: 'A' })
    await ledger.store.close()
    expect(await tick(fleet, reaper)).toEqual([])
    expect(reaper.status()).toMatchObject({ lastRunAtMs: null, totals: { ticks: 1, errors: 1 } })
    expect(reaper.status().lastError).toMatchObject({ code: 'unavailable' })
  })

  it('no process is ever killed: a running child is waited for', async () => {
    const { ledger, reaper } = await rig(fleet, 'R')
    const child = fleet.newProcess()
    await ledger.acquire({ lane: 'x', holder: 'A', children: [child] })
    await fleet.time.to(30 * S)
    const reaping = reaper.reapOnce()
    await fleet.time.to(300 * S)
    expect(fleet.probe(child)).toBe('alive')
    expect((await ledger.leases()).map(({ holder }) => holder)).toEqual(['R'])
    fleet.die(child)
    await fleet.time.to(302 * S)
    expect(did(await reaping)).toEqual([['reaped', 'failed']])
  })
})
