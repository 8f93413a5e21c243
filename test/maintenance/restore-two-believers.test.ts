import { join } from 'node:path'
import { Configuration, type ConfigurationInput } from '@holdfast/core'
import { openLedgerOn, type HeldLease, type Ledger } from '@holdfast/engine'
import { restoreBackup } from '@holdfast/engine/maintenance'
import { openSqliteStore } from '@holdfast/store/sqlite'
import { expect, test } from 'vitest'
import { noFaults, withFaults } from '../engine/harness/faulty-store.ts'
import { holding } from '../engine/harness/holding.ts'
import { Bed } from './bed.ts'

const S = 1000
const STEP_MS = 250

/** The schedule of two believers across a restore: A has a TTL of 20 s, and the ceiling is 1 s when the backup is taken. */
const SETTINGS: ConfigurationInput = {
  ttlDefaultMs: 20 * S,
  ttlCeilingMs: 20 * S,
  graceMs: 500,
  activityCapMs: 1 * S,
  ticketTtlMs: 5 * S,
}

interface Lost {
  readonly changed?: ConfigurationInput
  /** What happens after the backup, in the history that is lost. */
  readonly afterwards: (ledger: Ledger) => Promise<HeldLease>
}

/**
 * Everything after the backup is lost at 14 s, and the backup is restored then. Gives the instant at which B's guard opens,
 * and fails when A's handle still holds at that instant.
 */
async function opensAfterRestore(
  bed: Bed,
  settings: ConfigurationInput,
  { changed, afterwards }: Lost,
): Promise<number> {
  const { boot, timers, wall } = bed.time
  const faults = noFaults()
  const cut = withFaults(faults)
  const first = await bed.ledgerOn(cut(await bed.store()), settings)
  const early = changed === undefined ? null : await holding(first, { lane: 'api', holder: 'A', beatEvery: '3s' })
  if (changed !== undefined) await first.configure(Configuration.parse(changed))
  const backup = join(bed.folder, 'backup.db')
  const store = await bed.store()
  await store.backup?.(backup)
  const a = early ?? (await afterwards(first))
  await bed.time.to(bed.time.nowMs + 14 * S)
  expect(a.isHeld).toBe(true)

  faults.unreachable = true
  const path = join(bed.folder, 'restored.db')
  const [report] = await restoreBackup(backup, path, { clock: wall, bootClock: boot, actor: null })
  const restoredAtMs = bed.time.nowMs
  await using again = await openLedgerOn(await openSqliteStore({ path, clock: wall, bootClock: boot }), {
    actor: null,
    bootClock: boot,
    timers,
  })
  expect(report).toMatchObject({ bound: 'fixed' })
  let openedAtMs = Number.NaN
  const asked = again
    .hold({ lane: 'api', region: ['src/**'], holder: 'B', ttl: '1s', beatEvery: '300ms', wait: '60s' })
    .then(async answer => {
      if (answer.outcome !== 'granted') throw new Error(answer.outcome)
      await answer.lease.guard(() => {
        expect(a.isHeld).toBe(false)
        openedAtMs = bed.time.nowMs
      })
      await answer.lease.release()
    })
  while (Number.isNaN(openedAtMs) && bed.time.nowMs < restoredAtMs + 60 * S) await bed.time.to(bed.time.nowMs + STEP_MS)
  await asked
  expect(a.isHeld).toBe(false)
  return openedAtMs - restoredAtMs
}

test('a lease that goes on with its TTL after the ceiling was lowered is over before anybody else is let in', async () => {
  await using bed = new Bed('sqlite')
  const changed = { ...SETTINGS, ttlDefaultMs: 1 * S, ttlCeilingMs: 1 * S }
  const openedMs = await opensAfterRestore(bed, SETTINGS, {
    changed,
    afterwards: () => Promise.reject(new Error('not asked')),
  })
  expect(openedMs).toBeGreaterThanOrEqual(20_500)
  expect(openedMs).toBeLessThan(25_000)
})

test('a lease under a ceiling that was raised after the backup is over before anybody else is let in', async () => {
  await using bed = new Bed('sqlite')
  const low = { ...SETTINGS, ttlDefaultMs: 2 * S, ttlCeilingMs: 2 * S, leaseSpanBoundMs: 20 * S }
  const openedMs = await opensAfterRestore(bed, low, {
    afterwards: async ledger => {
      await ledger.configure(Configuration.parse({ ...SETTINGS, leaseSpanBoundMs: 20 * S }))
      return holding(ledger, { lane: 'api', holder: 'A', ttl: '20s', beatEvery: '3s' })
    },
  })
  expect(openedMs).toBeGreaterThanOrEqual(20_500)
})
