import { once } from 'node:events'
import { utimesSync } from 'node:fs'
import { thisProcess } from '@holdfast/engine'
import { describe, expect, it } from 'vitest'
import { until } from '../run/harness/processes.ts'
import { expired, granted, QUICK, Shop } from './shop.ts'
import { COMMAND } from '../setup/command.ts'

/** A lease that nobody beats, long enough for its process alone to decide. */
async function boundTo(shop: Shop, process: ReturnType<typeof thisProcess>) {
  await using ledger = await shop.open()
  await granted(ledger, { lane: 'job', holder: 'a', ttl: '1h', process })
  const [lease] = await ledger.leases()
  await until(async () => (await ledger.now()) > (lease?.lastBeatAtMs ?? 0) + QUICK.graceMs)
  const { lines } = await shop.reap('--once')
  return lines
}

describe('the process of a lease', () => {
  it('whose pid another one has by now is dead, and the lease is ended for it', async () => {
    await using shop = new Shop()
    expect(await boundTo(shop, { ...thisProcess(), processStart: '1' })).toMatchObject([
      {
        verdict: 'evict',
        basis: 'process-dead',
        tier: 1,
        result: 'reaped',
        evidence: { process: 'dead' },
        deadTicks: 2,
      },
    ])
  })

  it.each([
    ['of another host', { host: 'elsewhere' }],
    ['of another boot', { bootId: 'another' }],
    ['of another pid namespace', { pidNamespace: 'pid:[1]' }],
  ])('%s is unknown, and the lease is left', async (_where, elsewhere) => {
    await using shop = new Shop()
    expect(await boundTo(shop, { ...thisProcess(), processStart: '1', ...elsewhere })).toMatchObject([
      { verdict: 'leave', result: 'left', evidence: { process: 'unknown' }, deadTicks: 0 },
    ])
  })
})

/** Everything old enough to show work does so within a second here. */
const SETTINGS = { liveness: { graceMs: 500, spinMs: 60_000, progressWindowMs: 500 } }

/** A worker that only beats; it is under `run`, which obeys a HALT. */
async function narrating(shop: Shop): Promise<{ readonly ended: Promise<unknown[]> }> {
  shop.write('holdfast.config.json', JSON.stringify(SETTINGS))
  const args = ['run', 'talk', '--holder', 'a', '--region', 'src/**', '--ttl', '3s', '--', 'sleep', '600']
  const worker = shop.start(process.execPath, [COMMAND, ...args])
  const ended = once(worker, 'exit')
  await using ledger = await shop.open()
  const [lease] = await untilSome(() => ledger.leases())
  await until(async () => (await ledger.now()) > lease.acquiredAtMs + 2 * SETTINGS.liveness.graceMs)
  return { ended }
}

async function untilSome<T>(look: () => Promise<readonly T[]>): Promise<readonly [T, ...T[]]> {
  let found: readonly T[] = []
  await until(async () => (found = await look()).length > 0)
  const [first, ...others] = found
  if (first === undefined) throw new Error('some were found')
  return [first, ...others]
}

describe('a run that beats without progress', () => {
  it('is told with what was looked for; nothing is written, and work makes it move again', async () => {
    await using shop = new Shop()
    shop.write('src/a.ts', 'as it was')
    await narrating(shop)
    await using ledger = await shop.open()
    const { lines } = await shop.reap('--once')
    expect(lines).toMatchObject([
      {
        lane: 'talk',
        verdict: 'propose-halt',
        result: 'halt-proposed',
        evidence: {
          spinning: true,
          progress: { verdict: 'SPINNING', basis: 'no-delta', events: 0, files: 0, commits: null, unknown: [] },
        },
      },
    ])
    const told = await shop.holdfast(['reap', '--once'])
    expect(told.stdout).toMatch(/halt-proposed {2}talk .*it beats without progress: ask it to stop/)
    expect(told.stdout).toMatch(
      /SPINNING \(no-delta\): no files changed under its region, no events of its run since 2/,
    )
    expect(told.stdout).toMatch(/to stop {3}holdfast halt reaper:talk@\d+ --lease talk@\d+/)
    expect((await ledger.refresh()).counts.HALT ?? 0).toBe(0)

    // A change time cannot be set: touching the file is work.
    const writing = setInterval(() => utimesSync(shop.path('src/a.ts'), new Date(), new Date()), 50)
    const moving = await shop.reap('--once')
    clearInterval(writing)
    expect(moving.lines).toMatchObject([{ result: 'left', evidence: { progress: { verdict: 'ADVANCING', files: 1 } } }])
  })

  it('is halted where that is asked for, and by nobody but its own runner', async () => {
    await using shop = new Shop()
    const { ended } = await narrating(shop)
    const { lines } = await shop.reap('--once', '--halt-spinning')
    expect(lines).toMatchObject([{ lane: 'talk', result: 'halt-recorded' }])
    expect(await ended).toEqual([143, null])
    const { stdout } = await shop.holdfast(['log', '--json', '--type', 'HALT', '--type', 'SCAVENGE'])
    const halts = stdout
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line) as { type: string; data: { reason: string } })
    expect(halts.map(({ type }) => type)).toEqual(['HALT'])
    expect(halts[0]?.data.reason).toContain('no files changed under its region, no events of its run since')
  })

  it('is not called so where git is missing and commits are what counts', async () => {
    await using shop = new Shop()
    await narrating(shop)
    const progress = { files: true, commits: true }
    shop.write('holdfast.config.json', JSON.stringify({ ...SETTINGS, progress }))
    const { stdout, exitCode } = await shop.holdfast(['reap', '--once', '--json'], { env: { PATH: '/nowhere' } })
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      result: 'left',
      evidence: {
        spinning: false,
        progress: { verdict: 'SPINNING', files: 0, unknown: ['git-commits: there is no command git'] },
      },
    })
    const liveness = await shop.holdfast(['liveness'], { env: { PATH: '/nowhere' } })
    expect(liveness.stdout).toContain('Not known: git-commits: there is no command git')
  })

  it('cannot be halted by somebody who would see no work anywhere', async () => {
    await using shop = new Shop()
    shop.write('holdfast.config.json', JSON.stringify({ progress: { files: false, commits: false } }))
    const { exitCode, stderr } = await shop.holdfast(['reap', '--once', '--halt-spinning'])
    expect(exitCode).toBe(2)
    expect(stderr).toContain('halt-spinning: progress.files and progress.commits are both off')
  })
})

describe('--on-failed', () => {
  it('tells of work that failed for good, once, with what it was; not of what is tried again', async () => {
    await using shop = new Shop()
    await using ledger = await shop.open()
    await granted(ledger, { lane: 'last', holder: 'a', ttl: '1ms', runId: 'r1', maxAttempts: 1 })
    await granted(ledger, { lane: 'again', holder: 'a', ttl: '1ms', maxAttempts: 2 })
    await expired(ledger, 'last')
    await expired(ledger, 'again')
    const words =
      'echo "$HOLDFAST_LANE $HOLDFAST_REAP_CAUSE $HOLDFAST_REAP_DISPOSITION $HOLDFAST_REAP_REASON" >> journal'
    const { lines } = await shop.reap('--once', '--on-failed', words)
    expect(lines.map(({ lane, disposition }) => [lane, disposition])).toEqual([
      ['last', 'failed'],
      ['again', 'retry'],
    ])
    expect(shop.journal()).toEqual(['last expired failed it has expired'])
  })

  it('that fails is told, and the lease has ended all the same', async () => {
    await using shop = new Shop()
    await using ledger = await shop.open()
    await granted(ledger, { lane: 'job', holder: 'a', ttl: '1ms' })
    await expired(ledger, 'job')
    const { lines, exitCode } = await shop.reap('--once', '--on-failed', 'exit 9')
    expect(exitCode).toBe(0)
    expect(lines).toMatchObject([{ result: 'reaped', disposition: 'failed' }])
    expect(lines[0]?.detail).toBe('it has expired; telling of it failed: the command ended with code 9')
    expect(await ledger.leases()).toEqual([])
  })
})
