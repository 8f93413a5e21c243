import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLedger, type Ledger } from '@holdfast/engine'
import type { Benchmark } from './benchmark.ts'
import { rawInserts, tableInserts, type RawInserts, type TableInserts } from './sqlite-floor.ts'

const IN_FLIGHT = 1_000

/** Rows of one transaction of the floor: as many commands as one commit decides. */
const GROUP = 500

/** A pair is two events; each raw insert is one. */
const PAIR = 2

/** On what the files lie: the folder for temporary files, or another disk. */
const folder = mkdtempSync(join(process.env['BENCH_DIR'] ?? tmpdir(), 'holdfast-bench-'))

let raw: RawInserts
let tables: TableInserts
let ledger: Ledger
let token = 0

/** Pairs of many lanes at once, each released when it was granted. */
async function pairs(count: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, (_, lane) => pair(`lane-${lane}`)))
}

async function pair(lane: string): Promise<void> {
  await ledger.release({ lane, holder: 'bench', token: await acquire(lane) })
}

async function acquire(lane: string): Promise<number> {
  const granted = await ledger.acquire({ lane, holder: 'bench' })
  if (granted.outcome !== 'granted') throw new Error(granted.outcome)
  return granted.lease.token
}

async function beat(): Promise<void> {
  const { outcome } = await ledger.heartbeat({ lane: 'beaten', holder: 'bench', token })
  if (outcome !== 'beaten') throw new Error(outcome)
}

const around = (name: string) => ({
  setup: async () => {
    raw = rawInserts(join(folder, `${name}-raw.db`))
    tables = tableInserts(join(folder, `${name}-tables.db`))
    ledger = await openLedger(`sqlite:${join(folder, `${name}.db`)}`, {
      compaction: { automatic: false },
    })
    token = await acquire('beaten')
  },
  teardown: async () => {
    raw.close()
    tables.close()
    await ledger.close()
  },
})

const one: Benchmark = {
  title: 'one durable command after another on SQLite; a ratio of 1.33 is 0.75 of the speed of raw inserts',
  budgetMs: 3_000,
  ...around('one'),
  cases: [
    { name: 'raw insert of one row', run: () => raw.single() },
    { name: 'SQLite with our tables', run: () => tables.single() },
    { name: 'the same and what guards it', run: () => tables.guarded() },
    { name: 'acquire and release', run: () => pair('lane'), unitsPerCall: PAIR },
    { name: 'heartbeat', run: beat },
  ],
}

const many: Benchmark = {
  title: `${IN_FLIGHT} commands in flight on SQLite, for each event`,
  budgetMs: 3_000,
  ...around('many'),
  cases: [
    { name: `raw inserts, ${GROUP} a transaction`, run: () => raw.batch(GROUP), unitsPerCall: GROUP },
    { name: 'the same into our tables', run: () => tables.batch(GROUP), unitsPerCall: GROUP },
    { name: `${IN_FLIGHT} in flight`, run: () => pairs(IN_FLIGHT), unitsPerCall: PAIR * IN_FLIGHT },
  ],
}

process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

export const benchmarks: readonly Benchmark[] = [one, many]
