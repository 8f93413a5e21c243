import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Configuration } from '@holdfast/core'
import { openLedger, type HeldLease, type Ledger } from '@holdfast/engine'
import type { Benchmark } from './benchmark.ts'

const INTERVAL_MS = 30_000
const SHARE_OF_A_CORE = 0.02
const SLOTS = 4

const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-'))
const ledgers: Ledger[] = []
const held = new Map<number, HeldLease[]>()

/** All beats of one interval, in as many groups as the engine makes of them. */
async function beatAll(count: number): Promise<void> {
  const leases = held.get(count) ?? []
  const size = Math.ceil(leases.length / SLOTS)
  for (let slot = 0; slot < SLOTS; slot += 1) {
    await Promise.all(leases.slice(slot * size, (slot + 1) * size).map(lease => lease.beat()))
  }
}

function busy(spanMs: number): void {
  const until = performance.now() + spanMs
  while (performance.now() < until);
}

async function hold(count: number): Promise<void> {
  const config = Configuration.parse({ ttlDefaultMs: INTERVAL_MS * 100, ttlCeilingMs: INTERVAL_MS * 100 })
  const ledger = await openLedger(`sqlite:${join(folder, `${count}.db`)}`, { config })
  ledgers.push(ledger)
  const asked = Array.from({ length: count }, (_, index) => ledger.hold({ lane: `lane-${index}`, holder: 'bench' }))
  const leases = (await Promise.all(asked)).flatMap(one => (one.outcome === 'granted' ? [one.lease] : []))
  if (leases.length !== count) throw new Error(`held ${leases.length} of ${count}`)
  held.set(count, leases)
}

export const benchmark: Benchmark = {
  title: 'the beats of many held leases in one 30 s interval, against 2 % of a core for that time',
  budgetMs: 9000,
  setup: async () => {
    await hold(1000)
    await hold(10_000)
  },
  teardown: async () => {
    for (const ledger of ledgers) await ledger.close()
    rmSync(folder, { recursive: true, force: true })
  },
  cases: [
    { name: '2 % of a core', run: () => busy(INTERVAL_MS * SHARE_OF_A_CORE) },
    { name: '1,000 leases', run: () => beatAll(1000), ratioMax: 1 },
    { name: '10,000 leases', run: () => beatAll(10_000) },
  ],
}
