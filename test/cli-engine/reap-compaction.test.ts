import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import type { Ledger } from '@holdfast/engine/lean'
import { describe, expect, it } from 'vitest'
import { granted, Shop } from './shop.ts'
import { COMMAND } from '../setup/command.ts'

const POLICY = { eventsMax: 100, everyMs: 1000 }

/** Two events a lease. */
async function busy(ledger: Ledger, leases: number): Promise<void> {
  const lanes = Array.from({ length: leases }, (_, index) => `lane-${index}`)
  const tokens = await Promise.all(lanes.map(lane => granted(ledger, { lane, holder: 'H', ttl: '1h' })))
  await Promise.all(lanes.map((lane, index) => ledger.release({ lane, holder: 'H', token: tokens[index] ?? 0 })))
}

async function checkpoints({ store, stream }: Ledger): Promise<number> {
  let count = 0
  for await (const entries of store.read(stream)) count += entries.filter(({ type }) => type === 'CHECKPOINT').length
  return count
}

const archived = async ({ store, stream }: Ledger): Promise<number> => (await store.archive(stream)).held?.events ?? 0

/** What it says goes into the files `out` and `err`. */
function startReaper(shop: Shop, ...flags: readonly string[]): ChildProcess {
  const words = [process.execPath, COMMAND, 'reap', '--interval', '100ms', ...flags]
  return shop.start('sh', ['-c', 'exec "$@" > out 2> err', 'sh', ...words])
}

function said(shop: Shop, file: 'out' | 'err'): string {
  return existsSync(shop.path(file)) ? readFileSync(shop.path(file), 'utf8') : ''
}

describe('compaction by a reaper that stays', () => {
  it('compacts by the local policy while it runs, and tells of it', async () => {
    await using shop = new Shop()
    await using ledger = await shop.open()
    shop.write('holdfast.config.json', JSON.stringify({ compaction: POLICY }))
    await busy(ledger, 60)
    const reaper = startReaper(shop)
    await shop.until(async () => (await checkpoints(ledger)) === 2)
    await busy(ledger, 60)
    await shop.until(async () => (await archived(ledger)) === 121)
    await shop.until(() => said(shop, 'err') !== '')
    const ended = once(reaper, 'exit')
    reaper.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
    expect(said(shop, 'err')).toBe('holdfast: compacted the log, 242 events to 121\n')
    const refused = await shop.ask(['why', 'r3'])
    expect(refused.exitCode).toBe(0)
  })

  it.each([
    ['switched off', { ...POLICY, automatic: false }, []],
    ['a dry run', POLICY, ['--dry-run']],
  ])('compacts nothing: %s', async (_, compaction, flags) => {
    await using shop = new Shop()
    await using ledger = await shop.open()
    shop.write('holdfast.config.json', JSON.stringify({ compaction }))
    await busy(ledger, 60)
    const held = await granted(ledger, { lane: 'held', holder: 'H', ttl: '1h' })
    const reaper = startReaper(shop, ...flags)
    // Its first line says that it looks; two looks of the policy later nothing has happened.
    await shop.until(() => said(shop, 'out') !== '')
    const untilMs = Date.now() + 2.5 * POLICY.everyMs
    await shop.until(() => Date.now() > untilMs)
    const ended = once(reaper, 'exit')
    reaper.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
    await ledger.refresh()
    expect([await checkpoints(ledger), ledger.head]).toEqual([1, held])
  })

  it('one look, and every command that ends by itself, leaves a long log as it is', async () => {
    await using shop = new Shop()
    await using ledger = await shop.open()
    shop.write('holdfast.config.json', JSON.stringify({ compaction: POLICY }))
    await busy(ledger, 120)
    expect((await shop.reap('--once')).exitCode).toBe(0)
    await shop.lease('api', 'A', 'src/**')
    expect(await checkpoints(ledger)).toBe(1)
  })

  it('names every mistake in its policy before it opens anything', async () => {
    await using shop = new Shop()
    const compaction = { automatic: 'no', eventsMax: 1, everyMs: 5 }
    shop.write('holdfast.config.json', JSON.stringify({ compaction }))
    const { exitCode, stderr } = await shop.holdfast(['reap'])
    expect(exitCode).toBe(2)
    for (const key of Object.keys(compaction)) expect(stderr).toContain(`compaction.${key}: `)
    expect(existsSync(shop.path('.holdfast'))).toBe(false)
  })
})
