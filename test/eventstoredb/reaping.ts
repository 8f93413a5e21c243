import { existsSync, readFileSync } from 'node:fs'
import { Configuration } from '@holdfast/core'
import { openLedger, type Ledger } from '@holdfast/engine'
import { verifyLedger } from '@holdfast/projections'
import { expect } from 'vitest'
import { ReapLine } from '../../packages/cli/src/schemas/reap.ts'
import { WorkTree } from '../guard/work-tree.ts'

/** Times short enough for a test. A command that has just begun waits the bound of a clock's step beyond the grace. */
const QUICK = { graceMs: 100, orphanGraceMs: 100, finalisationGraceMs: 100, clockStepBoundMs: 100, probeCount: 2 }
const OVER_MS = QUICK.finalisationGraceMs + QUICK.clockStepBoundMs + 1

/** What the effect notes of each run of it. */
const EFFECT = 'echo "$HOLDFAST_LANE $HOLDFAST_REAP_DISPOSITION $HOLDFAST_REAP_CAUSE $HOLDFAST_REAP_KEY" >> journal'

/**
 * Two commands `holdfast reap` on a server find the same leases whose work has ended: each lease is reaped once, its
 * effect runs once, and the log says so.
 */
export async function reapsEachLeaseOnce(url: string, ledgerName: string): Promise<void> {
  await using folder = new WorkTree({ git: false })
  await using ledger = await openLedger(url, { ledger: ledgerName, config: Configuration.parse(QUICK) })
  await exited(ledger, 'good', 0)
  await exited(ledger, 'bad', 7)
  const kept = await ledger.acquire({ lane: 'kept', holder: 'A', ttl: '1h' })
  expect(kept.outcome).toBe('granted')
  await untilLogClock(ledger, (await ledger.now()) + OVER_MS)
  const args = ['reap', '--once', '--json', '--store', url, '--ledger', ledgerName, '--gate', 'true']
  const both = await Promise.all(
    ['R', 'S'].map(name => folder.holdfast([...args, '--on-reaped', EFFECT, '--as', name])),
  )
  const stderr = both.map(one => one.stderr).join('')
  expect(
    both.map(({ exitCode }) => exitCode),
    stderr,
  ).toEqual([0, 0])
  const lines = both.flatMap(({ stdout }) =>
    stdout.split('\n').flatMap(text => (text === '' ? [] : [ReapLine.parse(JSON.parse(text))])),
  )
  const reaped = lines.filter(({ result }) => result === 'reaped').map(line => `${line.lane} ${line.disposition}`)
  expect(reaped.toSorted()).toEqual(['bad failed', 'good done'])
  expect(lines.filter(({ result }) => result === 'failed' || result === 'refused')).toEqual([])
  const journal = folder.path('journal')
  const noted = existsSync(journal) ? readFileSync(journal, 'utf8').trim().split('\n').toSorted() : []
  expect(noted.map(line => line.split(' ').slice(0, 3))).toEqual([
    ['bad', 'failed', 'exited'],
    ['good', 'done', 'exited'],
  ])
  await ledger.refresh()
  expect((await ledger.leases()).map(({ lane }) => lane)).toEqual(['kept'])
  const { checks } = await verifyLedger(ledger.store, ledgerName)
  expect(checks.filter(({ ok }) => !ok)).toEqual([])
}

async function exited(ledger: Ledger, lane: string, code: number): Promise<void> {
  const granted = await ledger.acquire({ lane, holder: 'A', ttl: '1s' })
  if (granted.outcome !== 'granted') throw new Error(granted.outcome)
  await ledger.heartbeat({ lane, holder: 'A', token: granted.lease.token, exit: { code, signal: null } })
}

async function untilLogClock(ledger: Ledger, atMs: number): Promise<void> {
  await expect.poll(() => ledger.now(), { timeout: 10_000, interval: 20 }).toBeGreaterThanOrEqual(atMs)
}
