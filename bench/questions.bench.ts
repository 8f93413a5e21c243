import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { explainEvent, loadLedger, queryLeases, readjudicate, stateAt } from '@holdfast/projections'
import { forcedEndings, leaseChanges, readPast } from '@holdfast/projections/internal'
import { openStore, type LogStore } from '@holdfast/store'
import type { Benchmark } from './benchmark.ts'
import { askedLedger, compactedCopy, LANE, makeAskedLedger, STREAM, type AskedLedger } from './questions-ledger.ts'

// Target: a question about the past does not pay for the length of the history. Each case opens the store, folds the ledger as a
// command does, and asks; the two ledgers hold the same sessions on the lane that is asked about.

const SHORT = 10_240
const LONG = Number(process.env['BENCH_EVENTS'] ?? 1_024_000)
const RATIO_MAX = 1.3
const RANGE = 1_000
const POLICY = { stallMs: 60_000, ttlMs: 3_000_000 }

/** Points of a history, one after the other. */
const SHARES = [0.11, 0.27, 0.38, 0.52, 0.66, 0.83, 0.94] as const

const given = process.env['BENCH_FOLDER']
const folder = given ?? mkdtempSync(join(tmpdir(), 'holdfast-bench-'))
const ledgers = new Map<string, AskedLedger>()

type Question = (store: LogStore, ledger: AskedLedger, point: number) => Promise<unknown>

const QUESTIONS: Readonly<Record<string, Question>> = {
  'why LANE': async store => {
    const { state } = await loadLedger(store, STREAM)
    const { lineages } = await readPast(store, STREAM, { name: LANE, last: 1_000, nowMs: state.clockMs })
    await forcedEndings(store, STREAM, [])
    if (lineages.length === 0) throw new Error('the lane has a history')
  },
  'why rN of a fresh refusal': async (store, { refusal }) => {
    await loadLedger(store, STREAM)
    if ((await explainEvent(store, STREAM, refusal))?.blockers.length !== 1) throw new Error('it was refused')
  },
  'history LANE': async store => {
    const { state } = await loadLedger(store, STREAM)
    return readPast(store, STREAM, { name: LANE, last: 100, nowMs: state.clockMs })
  },
  'leases --at': async (store, _, point) => {
    await loadLedger(store, STREAM)
    return stateAt(store, STREAM, { revision: point })
  },
  diff: async (store, _, point) => {
    await loadLedger(store, STREAM)
    const [before, after] = [
      await stateAt(store, STREAM, { revision: point }),
      await stateAt(store, STREAM, { revision: point + RANGE / 2 }),
    ]
    return leaseChanges(queryLeases(before, before.state.clockMs), queryLeases(after, after.state.clockMs))
  },
  'judge --over a range of 1,000 events': async (store, _, point) => {
    await loadLedger(store, STREAM)
    const range = { from: { revision: point }, to: { revision: point + RANGE } }
    const judged = readjudicate(store, STREAM, range, { verdict: 'health', policy: POLICY })
    for await (const _one of judged);
  },
}

let made: Promise<void> | undefined

async function makeLedgers(): Promise<void> {
  mkdirSync(folder, { recursive: true })
  for (const events of [SHORT, LONG]) {
    const begunMs = performance.now()
    const path = join(folder, `${events}.db`)
    const copy = join(folder, `${events}-compacted.db`)
    const isThere = existsSync(copy)
    if (!isThere) await compactedCopy(await makeAskedLedger(path, events), copy)
    ledgers.set(`${events}`, await askedLedger(path))
    ledgers.set(`${events} compacted`, await askedLedger(copy))
    const seconds = Math.round((performance.now() - begunMs) / 1000)
    const how = isThere ? 'there already' : `made in ${seconds} s`
    console.log(`  ${events.toLocaleString('en')} events, and their compacted copy: ${how}`)
  }
}

let left = 0

function comparison(name: string, ask: Question, kind: string): Benchmark {
  left += 1
  let turn = 0
  const run = async (events: number): Promise<void> => {
    const ledger = ledgers.get(`${events}${kind}`)
    if (ledger === undefined) throw new Error('the ledgers are made first')
    turn += 1
    const share = SHARES[Math.floor(turn / 2) % SHARES.length] ?? 0.5
    await using store = await openStore(ledger.url)
    await ask(store, ledger, Math.floor(events * share))
  }
  return {
    title: `${name} in a history of ${LONG.toLocaleString('en')} events${kind}`,
    budgetMs: 1_500,
    setup: () => (made ??= makeLedgers()),
    teardown: () => {
      left -= 1
      if (left === 0 && given === undefined) rmSync(folder, { recursive: true, force: true })
    },
    cases: [
      { name: `after ${SHORT.toLocaleString('en')} events`, run: () => run(SHORT) },
      { name: `after ${LONG.toLocaleString('en')} events`, run: () => run(LONG), ratioMax: RATIO_MAX },
    ],
  }
}

export const benchmarks: readonly Benchmark[] = ['', ' compacted'].flatMap(kind =>
  Object.entries(QUESTIONS).map(([name, ask]) => comparison(name, ask, kind)),
)
