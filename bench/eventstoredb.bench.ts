import { openLedgerOn, type Ledger } from '@holdfast/engine'
import { openEventStoreDbStore } from '@holdfast/store/eventstoredb'
import { EsdbFixture } from '../test/eventstoredb/fixture/esdb-fixture.ts'
import type { Benchmark } from './benchmark.ts'
import { measureRivals } from './contention/rivals.ts'
import { MEASURED, measuredServer } from './eventstoredb-server.ts'
import { throughputBenchmark } from './eventstoredb-throughput.ts'

/** Delay of the line in each direction: ten milliseconds there and back. */
const LATENCY_MS = 5

const IN_FLIGHT = 256

const RIVALS = { processes: [2, 8], inFlight: 8, seconds: 5 } as const

/** Far above what was measured, since both sides share two cores with the fixture: a third look would show. */
const RATIO_MAX = { one: 8, many: 5 } as const

let fixture: EsdbFixture | undefined
let ledger: Ledger | undefined
let lanes = 0

/** Acquires so many lanes at once and gives them back, so that the ledger does not grow. */
async function acquireAndRelease(count: number): Promise<void> {
  if (ledger === undefined) return
  const open = ledger
  const granted = await Promise.all(
    Array.from({ length: count }, () => open.acquire({ lane: `lane-${(lanes += 1)}`, holder: 'bench' })),
  )
  await Promise.all(
    granted.map(outcome => {
      if (outcome.outcome !== 'granted') throw new Error(outcome.outcome)
      const { lane, holder, token } = outcome.lease
      if (token === null) throw new Error('a grant has a token')
      return open.release({ lane, holder, token })
    }),
  )
}

// One command alone waits for three round trips and more, 40 ms; in a group all wait together. 2,000 commands a second
// with 256 in flight are half a millisecond each, so the ratio must stay below 1/80.
const overALine: Benchmark = {
  title: `commands on EventStoreDB (fixture) over a line of ${LATENCY_MS} ms each way`,
  budgetMs: 4_000,
  setup: async () => {
    fixture = await EsdbFixture.start()
    const store = await openEventStoreDbStore({ url: fixture.url(), snapshotFolder: null })
    ledger = await openLedgerOn(store)
    fixture.line().latencyMs = LATENCY_MS
  },
  teardown: async () => {
    await ledger?.close()
    await fixture?.close()
  },
  cases: [
    { name: 'one in flight', run: () => acquireAndRelease(1), unitsPerCall: 2 },
    {
      name: `${IN_FLIGHT} in flight`,
      run: () => acquireAndRelease(IN_FLIGHT),
      unitsPerCall: 2 * IN_FLIGHT,
      ratioMax: 1 / 80,
    },
  ],
}

/** What each process among several gets, and when; the figures are printed. */
const rivals: Benchmark = {
  title: `processes with ${RIVALS.inFlight} commands each in flight on ${MEASURED}`,
  setup: async () => {
    const server = await measuredServer()
    for (const processes of RIVALS.processes) await measureRivals({ ...RIVALS, url: server.url, processes })
    await server.close()
  },
  cases: [],
}

export const benchmarks: readonly Benchmark[] = [
  throughputBenchmark(1, RATIO_MAX.one),
  throughputBenchmark(64, RATIO_MAX.many),
  throughputBenchmark(256, RATIO_MAX.many),
  rivals,
  overALine,
]
