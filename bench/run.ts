// npm run bench [-- NAME...] [-- --json FILE] [-- --events N] [-- --folder DIR]: measures bench/*.bench.ts whose file names contain a NAME.
// --events: how long a history the benchmark `questions` makes. --folder: where it makes its ledgers, finds them the next time,
// and leaves them.
import { readdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Benchmark } from './benchmark.ts'
import { measureBenchmark, type Result } from './measure.ts'
import { table } from './table.ts'

interface BenchmarkFile {
  readonly benchmark?: Benchmark
  readonly benchmarks?: readonly Benchmark[]
}

interface Measured {
  readonly file: string
  readonly title: string
  readonly results: readonly Result[]
}

const options = { json: { type: 'string' }, events: { type: 'string' }, folder: { type: 'string' } } as const
const { values, positionals } = parseArgs({ options, allowPositionals: true })
if (values.events !== undefined) process.env['BENCH_EVENTS'] = values.events
if (values.folder !== undefined) process.env['BENCH_FOLDER'] = values.folder
let failed = false
const measured = await measureAll(chosenFiles(positionals))
const machine = { node: process.version, cpu: cpus()[0]?.model ?? 'unknown', cores: availableParallelism() }

if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ machine, measured }, null, 2)}\n`)
console.log(`Node ${machine.node}, ${machine.cores} cores, ${machine.cpu}; ratios are to the first case of each table`)
if (measured.length === 0) console.log('no benchmark file matches')
process.exitCode =
  !failed && measured.length > 0 && measured.every(each => each.results.every(one => one.withinLimit)) ? 0 : 1

function chosenFiles(names: readonly string[]): readonly string[] {
  return readdirSync(import.meta.dirname)
    .filter(file => file.endsWith('.bench.ts'))
    .filter(file => names.length === 0 || names.some(name => file.includes(name)))
    .toSorted((a, b) => a.localeCompare(b))
}

async function measureAll(files: readonly string[]): Promise<readonly Measured[]> {
  const all: Measured[] = []
  for (const file of files) {
    const loaded = (await import(join(import.meta.dirname, file))) as BenchmarkFile
    for (const benchmark of [...(loaded.benchmarks ?? []), ...(loaded.benchmark ? [loaded.benchmark] : [])]) {
      console.log(`${benchmark.title} (${file})`)
      const results = await measureBenchmark(benchmark).catch(failure)
      console.log(results.length === 0 ? '' : `${table(results)}\n`)
      all.push({ file, title: benchmark.title, results })
    }
  }
  return all
}

/** One benchmark that breaks does not hide the figures of the others, but the run is red. */
function failure(error: unknown): readonly Result[] {
  failed = true
  console.log(`  failed: ${error instanceof Error ? error.message.trimEnd() : String(error)}`)
  return []
}
