import { existsSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LedgerFolder } from './harness/ledger-folder.ts'
import { until } from './harness/processes.ts'

const TTL_MS = 1500

let at: LedgerFolder
beforeEach(async () => {
  at = await LedgerFolder.make({ ttlDefaultMs: TTL_MS, graceMs: 400, orphanGraceMs: 600 })
  writeFileSync(at.path('claims.json'), '[{"lane": "second"}, {"lane": "third", "region": ["third/**"]}]')
})
afterEach(async () => {
  await at[Symbol.asyncDispose]()
})

const CHILD = 'trap "echo > asked; exit 3" TERM; echo > ready; while [ ! -e go ]; do sleep 0.02; done; exit 6'

async function running(...flags: readonly string[]) {
  const run = at.run('first', ['--all-of', 'claims.json', ...flags], 'sh', '-c', CHILD)
  await until(() => existsSync(at.path('ready')))
  return run
}

const lanes = async (): Promise<readonly string[]> => (await at.ledger.leases()).map(({ lane }) => lane).toSorted()

describe('a run under several leases', () => {
  it('keeps all of them for as long as it takes, and gives all of them up', async () => {
    const run = await running()
    const startedMs = await at.ledger.now()
    await until(async () => (await at.ledger.now()) > startedMs + 2 * TTL_MS)
    for (const lane of ['first', 'second', 'third']) {
      expect(await at.ledger.acquire({ lane, holder: 'other' })).toMatchObject({
        outcome: 'refused',
        code: 'lane-held',
      })
    }
    const leases = await at.ledger.leases()
    expect(leases.map(({ children }) => children.map(({ pid }) => pid))).toEqual(
      leases.map(() => [leases[0]?.children[0]?.pid]),
    )
    writeFileSync(at.path('go'), '')
    expect((await run.ended).code).toBe(6)
    expect(await lanes()).toEqual([])
    expect(at.events('HEARTBEAT').filter(({ data }) => data.exit?.code === 6)).toHaveLength(3)
  })

  it('ends when one of them is lost, and gives the others up', async () => {
    const run = await running()
    const { token } = (await at.ledger.leases()).find(({ lane }) => lane === 'third') ?? { token: -1 }
    await at.ledger.adopt({ lane: 'third', newHolder: 'thief', expectToken: token, force: true })
    const { code, stderr } = await run.ended
    expect(code).toBe(123)
    expect(stderr).toContain('third')
    expect(existsSync(at.path('asked'))).toBe(true)
    expect(await lanes()).toEqual(['third'])
  })

  it('obeys who halts one of them', async () => {
    const run = await running()
    await at.ledger.halt({ handle: 'stop', lane: 'second' })
    expect((await run.ended).code).toBe(3)
    expect(await lanes()).toEqual([])
    const halt = await at.seen('HALT')
    const confirmed = await at.seen('RELEASE', ({ causation }) => causation === halt.eventId)
    expect(confirmed.data.lane).toBe('second')
  })

  it('leaves each to the reaper that was asked for, with its exit', async () => {
    const run = await running('--reap', 'required')
    writeFileSync(at.path('go'), '')
    expect((await run.ended).code).toBe(6)
    const leases = await at.ledger.leases()
    expect(leases.map(({ lane, exit }) => [lane, exit?.status.code])).toEqual([
      ['first', 6],
      ['second', 6],
      ['third', 6],
    ])
  })
})
