import { decide, type LedgerState, type OwnClock } from '@holdfast/core'
import type { Benchmark } from './benchmark.ts'
import { asking, NOW_MS, withLive } from './core-ledger.ts'

// Target: at most 100 µs at the median beside 10,000 live leases, and leases elsewhere change nothing.

const FEW = 10
const MANY = 10_000
const NEW = MANY + 1
const few = withLive(FEW)
const many = withLive(MANY)
const around = { nowMs: NOW_MS }
const free = asking(NEW)
const taken = asking(NEW, ['packages/p5/src/m5/index.ts'])
const broad = asking(NEW, ['packages/p7/**/*.md'])
const watching = { few: { nowMs: NOW_MS, ownClock: watched(few) }, many: { nowMs: NOW_MS, ownClock: watched(many) } }

/** What somebody knows who has read every grant as it came. */
function watched(state: LedgerState): OwnClock {
  const times = { expiresAtMs: 100_000, lastBeatAtMs: 10_000, exitAtMs: null, ownedSinceMs: 10_000 }
  return { nowMs: 50_000, watched: new Map([...state.leases.values()].map(({ token }) => [token, times])) }
}

export const benchmarks: readonly Benchmark[] = [
  {
    title: 'decide a request that is granted',
    cases: [
      { name: `beside ${FEW} live leases`, run: () => decide(few, free, around) },
      { name: `beside ${MANY} live leases`, run: () => decide(many, free, around), ratioMax: 5 },
    ],
  },
  {
    title: 'decide a request that one lease refuses',
    cases: [
      { name: `beside ${FEW} live leases`, run: () => decide(few, taken, around) },
      { name: `beside ${MANY} live leases`, run: () => decide(many, taken, around), ratioMax: 5 },
    ],
  },
  {
    title: 'the same on a log clock that can step, for one who has watched it all',
    cases: [
      { name: `beside ${FEW} live leases`, run: () => decide(few, taken, watching.few) },
      { name: `beside ${MANY} live leases`, run: () => decide(many, taken, watching.many), ratioMax: 5 },
    ],
  },
  {
    title: 'decide a request over a tree with 100 leases, which all refuse it',
    cases: [
      { name: `one in the way of ${FEW}`, run: () => decide(few, broad, around) },
      { name: `100 in the way of ${MANY}`, run: () => decide(many, broad, around) },
    ],
  },
]
