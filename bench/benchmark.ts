// What a file `bench/<name>.bench.ts` exports: `export const benchmark: Benchmark` or a list `benchmarks`.

export interface Benchmark {
  readonly title: string
  /** Measured in turns within one run; the first is the baseline that the others are divided by. */
  readonly cases: readonly BenchmarkCase[]
  /** Time spent on each case, in all rounds together; default 1,000. */
  readonly budgetMs?: number
  readonly setup?: () => void | Promise<void>
  readonly teardown?: () => void | Promise<void>
}

export interface BenchmarkCase {
  readonly name: string
  /** One call is one sample; a promise is awaited. */
  readonly run: () => unknown
  /** Units of work in one call (appends, events), so that cases of different batch sizes compare; default 1. */
  readonly unitsPerCall?: number
  /** The run fails when the ratio to the baseline is above. */
  readonly ratioMax?: number
}
