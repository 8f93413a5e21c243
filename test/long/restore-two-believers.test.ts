import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Configuration } from '@holdfast/core'
import { openLedger } from '@holdfast/engine'
import { restoreBackup } from '@holdfast/engine/maintenance'
import { expect, test } from 'vitest'
import { holding } from '../engine/harness/holding.ts'

const SIDES = ['', '-wal', '-shm', '.head', '.notify', '.queue']

const settings = (ttlMs: number) =>
  Configuration.parse({ ttlDefaultMs: ttlMs, ttlCeilingMs: ttlMs, graceMs: 500, activityCapMs: 1000 })

// The schedule that was seen, on real files and real time; in virtual time it is test/maintenance/restore-two-believers.
test('after a restore nobody acts beside a holder of the lost history, whose ceiling was lowered', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-believers-'))
  const file = join(folder, 'ledger.db')
  try {
    const first = await openLedger(`sqlite:${file}`, { config: settings(20_000) })
    const a = await holding(first, { lane: 'api', region: ['src/**'], holder: 'A', ttl: '20s', beatEvery: '3s' })
    await first.configure(settings(1000))
    await first.store.backup?.(join(folder, 'backup.db'))
    await sleep(14_000)
    for (const side of SIDES) rmSync(file + side, { force: true })
    await restoreBackup(join(folder, 'backup.db'), file)
    await using again = await openLedger(`sqlite:${file}`)
    const b = await again.hold({ lane: 'api', holder: 'B', ttl: '1s', beatEvery: '300ms', wait: '40s' })
    if (b.outcome !== 'granted') throw new Error(b.outcome)
    await b.lease.guard(() => expect(a.isHeld).toBe(false))
    await b.lease.release()
    a.abandon()
    await first.close().catch(() => undefined)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
