import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { evolve, liveLeases, parseEntry, type LedgerState, type RawEntry } from '@holdfast/core'
import type { Benchmark } from './benchmark.ts'
import { acquired, founded } from './core-ledger.ts'

// Target: a million live leases, read from their log, at one kilobyte each.

const LEASES = 1_000_000
const BYTES_EACH_MAX = 1_024

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

function heapBytes(): number {
  collect()
  return process.memoryUsage().heapUsed
}

let state: LedgerState = founded()

export const benchmark: Benchmark = {
  title: `a ledger of ${LEASES} live leases`,
  setup: () => {
    const before = heapBytes()
    for (let index = 0; index < LEASES; index += 1) {
      state = evolve(state, parseEntry(JSON.parse(JSON.stringify(acquired(state, index))) as RawEntry))
    }
    const bytesEach = Math.round((heapBytes() - before) / LEASES)
    console.log(`  ${bytesEach} bytes for each live lease, at most ${BYTES_EACH_MAX}`)
    if (bytesEach > BYTES_EACH_MAX) throw new Error(`a live lease takes ${bytesEach} bytes`)
  },
  teardown: () => {
    state = founded()
  },
  cases: [{ name: 'list them in order', run: () => liveLeases(state).length }],
}
