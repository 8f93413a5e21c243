import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { script } from './harness/command-line.ts'
import { LedgerFolder } from './harness/ledger-folder.ts'

const TIMES = { ttlDefaultMs: 2000, graceMs: 400, orphanGraceMs: 600, ticketTtlMs: 2000 }

let at: LedgerFolder
beforeEach(async () => {
  at = await LedgerFolder.make(TIMES)
})
afterEach(async () => {
  await at[Symbol.asyncDispose]()
})

describe('a holder that could not run', () => {
  it('stopped beyond its deadline and continued, starts no further guarded effect', async () => {
    const file = at.path('written')
    const writer = script(`${import.meta.dirname}/harness/guarded-writer.ts`, [at.url, 'shared', file])
    const first = await at.seen('ACQUIRE', ({ data }) => data.lane === 'shared')
    while (!existsSync(file)) await sleep(10)
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
