import { openLedgerOn, type Ledger } from '@holdfast/engine'
import { openEventStoreDbStore } from '@holdfast/store/eventstoredb'
import { rawAppends, type RawAppends } from '../test/eventstoredb/raw-appends.ts'
import type { Benchmark } from './benchmark.ts'
import { MEASURED, measuredServer, newLedgerName, type MeasuredServer } from './eventstoredb-server.ts'

/** Commands that each chain gives in one sample, one after another; appends of one sample of raw ones. */
const STEPS = 8

/**
 * Commands with so many in flight, each waiting for its own answer only, beside raw appends of as many events of the
 * same size at the head, one after another.
 */
export function throughputBenchmark(inFlight: number, ratioMax: number): Benchmark {
  let server: MeasuredServer | undefined
  let raw: RawAppends | undefined
  let ledger: Ledger | undefined
  return {
    title: `${inFlight} commands in flight on ${MEASURED}; a ratio of 1.25 is 0.8 of the speed of raw appends`,
    budgetMs: 4_000,
    setup: async () => {
      server = await measuredServer()
      raw = rawAppends(server.url, `${newLedgerName()}-raw`)
      ledger = await openLedgerOn(await openEventStoreDbStore({ url: server.url, snapshotFolder: null }), {
        ledger: newLedgerName(),
        compaction: { automatic: false },
      })
    },
    teardown: async () => {
      await ledger?.close()
      await raw?.close()
      await server?.close()
    },
    cases: [
      {
        name: `raw appends of ${inFlight}`,
        run: async () => {
          for (let step = 0; step < STEPS; step += 1) await raw?.append(inFlight)
        },
        unitsPerCall: inFlight * STEPS,
      },
      {
        name: `${inFlight} in flight`,
        run: () => giveCommands(ledger, inFlight),
        unitsPerCall: inFlight * STEPS,
        ratioMax,
      },
    ],
  }
}

/** Acquires and releases lanes, so that the ledger does not grow. */
async function giveCommands(ledger: Ledger | undefined, inFlight: number): Promise<void> {
  if (ledger === undefined) return
  await Promise.all(
    Array.from({ length: inFlight }, async (_, index) => {
      const lane = `lane-${index}`
      for (let step = 0; step < STEPS; step += 2) {
        const granted = await ledger.acquire({ lane, holder: 'bench' })
        if (granted.outcome !== 'granted' || granted.lease.token === null) throw new Error(granted.outcome)
        await ledger.release({ lane, holder: 'bench', token: granted.lease.token })
      }
    }),
  )
}
