import { measure } from 'mitata'
import type { Benchmark, BenchmarkCase } from './benchmark.ts'

const ROUNDS = 3
const BUDGET_MS_DEFAULT = 1_000
const SAMPLES_PER_ROUND_MIN = 5
const NS_PER_MS = 1e6

export interface Result {
  readonly name: string
  /** Median over the rounds of each round's median, per unit of work. */
  readonly medianNs: number
  readonly minNs: number
  readonly p99Ns: number
  readonly samples: number
  /** To the baseline, from the same run: the figure that means something on another machine. */
  readonly ratio: number
  readonly ratioMax?: number
  readonly withinLimit: boolean
}

interface Round {
  readonly p50: number
  readonly p99: number
  readonly min: number
  readonly samples: number
}

/** Cases take turns, so that a machine that slows down meanwhile slows all of them. */
export async function measureBenchmark(benchmark: Benchmark): Promise<readonly Result[]> {
  await benchmark.setup?.()
  try {
    const rounds = new Map<BenchmarkCase, Round[]>(benchmark.cases.map(each => [each, []]))
    const roundBudgetNs = ((benchmark.budgetMs ?? BUDGET_MS_DEFAULT) * NS_PER_MS) / ROUNDS
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [each, measured] of rounds) measured.push(await measureRound(each, roundBudgetNs))
    }
    return results([...rounds])
  } finally {
    await benchmark.teardown?.()
  }
}

async function measureRound(each: BenchmarkCase, budgetNs: number): Promise<Round> {
  // Without `gc: false` mitata allocates a gigabyte before each case to force a collection.
  const stats = await measure(each.run, { gc: false, min_cpu_time: budgetNs, min_samples: SAMPLES_PER_ROUND_MIN })
  const units = each.unitsPerCall ?? 1
  return { p50: stats.p50 / units, p99: stats.p99 / units, min: stats.min / units, samples: stats.samples.length }
}

function results(measured: readonly (readonly [BenchmarkCase, readonly Round[]])[]): readonly Result[] {
  const medians = measured.map(([, rounds]) => median(rounds.map(round => round.p50)))
  const baselineNs = medians[0] ?? Number.NaN
  return measured.map(([each, rounds], place) => {
    const medianNs = medians[place] ?? Number.NaN
    const ratio = medianNs / baselineNs
    return {
      name: each.name,
      medianNs,
      minNs: Math.min(...rounds.map(round => round.min)),
      p99Ns: Math.max(...rounds.map(round => round.p99)),
      samples: rounds.reduce((sum, round) => sum + round.samples, 0),
      ratio,
      ...(each.ratioMax === undefined ? {} : { ratioMax: each.ratioMax }),
      withinLimit: each.ratioMax === undefined || ratio <= each.ratioMax,
    }
  })
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
