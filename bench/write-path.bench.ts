import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openLedger, type Ledger } from '@holdfast/engine'
import type { Benchmark } from './benchmark.ts'

/** Bytes of an ACQUIRE as it stands in the log, its hash and its ids included. */
const ROW_BYTES = 800

const IN_FLIGHT = 1_000

/** A pair is two events; each raw insert is one. */
const PAIR = 2

/** On what the files lie: the folder for temporary files, or another disk. */
const folder = mkdtempSync(join(process.env['BENCH_DIR'] ?? tmpdir(), 'holdfast-bench-'))

interface RawInserts {
  /** One row a transaction. */
  readonly single: () => void
  readonly batch: (rows: number) => void
  readonly close: () => void
}

/** What SQLite does at least for a durable row: one table without an index, and none of our bookkeeping. */
function rawInserts(name: string): RawInserts {
  const database = new DatabaseSync(join(folder, name))
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  database.exec('CREATE TABLE rows (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT')
  const insert = database.prepare('INSERT INTO rows (body) VALUES (?)')
  const body = 'x'.repeat(ROW_BYTES)
  return {
    single: () => void insert.run(body),
    batch: rows => {
      database.exec('BEGIN IMMEDIATE')
      for (let row = 0; row < rows; row += 1) insert.run(body)
      database.exec('COMMIT')
    },
    close: () => database.close(),
  }
}

let raw: RawInserts
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
    raw = rawInserts(`${name}-raw.db`)
    ledger = await openLedger(`sqlite:${join(folder, `${name}.db`)}`, {
      compaction: { automatic: false },
    })
    token = await acquire('beaten')
  },
  teardown: async () => {
    raw.close()
    await ledger.close()
  },
})

const one: Benchmark = {
  title: 'one durable command after another on SQLite; a ratio of 1.33 is 0.75 of the speed of raw inserts',
  budgetMs: 6_000,
  ...around('one'),
  cases: [
    { name: 'raw insert of one row', run: () => raw.single() },
    { name: 'acquire and release', run: () => pair('lane'), unitsPerCall: PAIR },
    { name: 'heartbeat', run: beat },
  ],
}

const many: Benchmark = {
  title: `${IN_FLIGHT} commands in flight on SQLite`,
  budgetMs: 6_000,
  ...around('many'),
  cases: [
    { name: 'raw inserts, 500 a transaction', run: () => raw.batch(500), unitsPerCall: 500 },
    { name: `${IN_FLIGHT} in flight`, run: () => pairs(IN_FLIGHT), unitsPerCall: PAIR * IN_FLIGHT },
  ],
}

process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

export const benchmarks: readonly Benchmark[] = [one, many]
