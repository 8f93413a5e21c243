import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { holdfast, script } from './harness/command-line.ts'
import { LedgerFolder } from './harness/ledger-folder.ts'
import { until } from './harness/processes.ts'

const TIMES = { ttlDefaultMs: 2000, graceMs: 400, orphanGraceMs: 600, ticketTtlMs: 2000 }

let at: LedgerFolder
beforeEach(async () => {
  at = await LedgerFolder.make(TIMES)
})
afterEach(async () => {
  await at[Symbol.asyncDispose]()
})

describe('a killed holder', () => {
  it('writes no more, and whoever waits gets the lane once its time is over', async () => {
    const file = at.path('written')
    const writer = script(`${import.meta.dirname}/harness/guarded-writer.ts`, [at.url, 'shared', file])
    const { revision } = await at.seen('ACQUIRE', ({ data }) => data.lane === 'shared')
    await until(() => existsSync(file))
    const waiting = at.ledger.hold({ lane: 'shared', holder: 'next', wait: '20s' })
    writer.child.kill('SIGKILL')
    await writer.ended
    const before = readFileSync(file, 'utf8')
    const next = await waiting
    if (next.outcome !== 'granted') throw new Error(next.outcome)
    const ending = await at.seen('SCAVENGE')
    expect(ending.data).toMatchObject({ leaseId: `shared@${revision}`, token: revision, forced: false })
    expect(['expired', 'process-dead']).toContain(ending.data.cause)
    expect(readFileSync(file, 'utf8')).toBe(before)
    await next.lease.release()
  })
})

describe('a wall clock that steps by an hour, forth or back, at every look', () => {
  const preload = `--import ${pathToFileURL(join(import.meta.dirname, 'harness', 'stepping-clock.mjs')).href}`
  const stepping = (args: readonly string[]) =>
    holdfast(['--store', at.url, ...args], { cwd: at.folder, env: { NODE_OPTIONS: preload } })

  it('neither loses a lease nor keeps one, and the log does not step', async () => {
    const startedMs = performance.now()
    const words = 'while [ ! -e go ]; do sleep 0.05; done; exit 4'
    const running = stepping(['run', 'work', '--holder', 'H', '--', 'sh', '-c', words])
    const grant = await at.seen('ACQUIRE', ({ data }) => data.lane === 'work')
    // Another one that steps is refused while the first one beats, for longer than a lease lives without beats.
    const waiting = stepping(['acquire', 'work', '--holder', 'next', '--wait', '30s'])
    await until(async () => (await at.ledger.now()) > grant.recordedAt + TIMES.ttlDefaultMs + TIMES.graceMs)
    expect((await at.ledger.leases()).map(({ holder }) => holder)).toEqual(['H'])
    writeFileSync(at.path('go'), '')
    expect((await running.ended).code).toBe(4)
    expect((await waiting.ended).code).toBe(0)
    const released = await at.seen('RELEASE')
    const next = await at.seen('ACQUIRE', ({ data }) => data.holder === 'next')
    expect(next.revision).toBeGreaterThan(released.revision)
    expect(released.recordedAt - grant.recordedAt).toBeLessThan(performance.now() - startedMs)
  })
})

describe('a holder that could not run', () => {
  it('stopped beyond its deadline and continued, starts no further guarded effect', async () => {
    const file = at.path('written')
    const writer = script(`${import.meta.dirname}/harness/guarded-writer.ts`, [at.url, 'shared', file])
    const first = await at.seen('ACQUIRE', ({ data }) => data.lane === 'shared')
    await until(() => existsSync(file))
    process.kill(writer.pid, 'SIGSTOP')
    const next = await at.ledger.hold({ lane: 'shared', holder: 'next', wait: '20s' })
    if (next.outcome !== 'granted') throw new Error(next.outcome)
    const before = readFileSync(file, 'utf8')
    process.kill(writer.pid, 'SIGCONT')
    const { stdout } = await writer.ended
    expect(stdout).toMatch(/^lost: (deadline-passed|scavenged)/)
    expect(readFileSync(file, 'utf8')).toBe(before)
    expect(new Set(before.trim().split('\n'))).toEqual(new Set([String(first.revision)]))
    await next.lease.release()
  })

  it('after a blocked event loop looks at its deadline before it writes again', async () => {
    const file = at.path('written')
    const writer = script(`${import.meta.dirname}/harness/guarded-writer.ts`, [at.url, 'blocked', file, '2500'])
    const { stdout } = await writer.ended
    expect(stdout).toMatch(/^lost: deadline-passed/)
    expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(1)
  })
})
