import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as z from 'zod'
import { bundleCommandLine } from '../scripts/build.ts'
import type { Benchmark, BenchmarkCase } from './benchmark.ts'

const LINES = 20_000
const vectors = join(import.meta.dirname, '..', 'test', 'vectors')
const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-'))
const Vector = z.object({ input: z.record(z.string(), z.unknown()) })
const Pair = z.object({ a: z.array(z.string()), b: z.array(z.string()) })
let published = ''

/** The inputs of the reference vectors, over and over. */
function writeLines(file: string, from: string, change: (input: object, line: number) => unknown = same): void {
  const inputs = readFileSync(join(vectors, `${from}.jsonl`), 'utf8')
    .split('\n')
    .filter(line => line !== '')
    .map(line => Vector.parse(JSON.parse(line)).input)
  const lines = Array.from({ length: LINES }, (_, line) => change(inputs[line % inputs.length] ?? {}, line))
  writeFileSync(join(folder, file), lines.map(line => `${JSON.stringify(line)}\n`).join(''))
}

const same = (input: object): unknown => input

/** Regions of folders that no other line names, so that none was read before. */
function elsewhere(input: object, line: number): unknown {
  const { a, b } = Pair.parse(input)
  const moved = (globs: readonly string[]) => globs.map(glob => `${line}/${glob}`)
  return { a: moved(a), b: moved(b) }
}

/** One process that answers all lines of a file into another. */
function answering(name: string, words: readonly string[], file: string): BenchmarkCase {
  const run = () => {
    const lines = openSync(join(folder, file), 'r')
    const answers = openSync(join(folder, 'answers'), 'w')
    execFileSync(process.execPath, [published, ...words, '--stdin'], { stdio: [lines, answers, 'inherit'] })
    closeSync(lines)
    closeSync(answers)
  }
  return { name, run, unitsPerCall: LINES }
}

export const benchmark: Benchmark = {
  title: `a line of JSON answered by \`--stdin\`, the start of the process shared by ${LINES.toLocaleString('en')}`,
  budgetMs: 3_000,
  setup: async () => {
    published = await bundleCommandLine(join(folder, 'published'))
    for (const name of ['health', 'liveness', 'regions']) writeLines(name, name)
    writeLines('new-regions', 'regions', elsewhere)
  },
  teardown: () => rmSync(folder, { recursive: true, force: true }),
  cases: [
    answering('judge health', ['judge', 'health'], 'health'),
    answering('judge liveness', ['judge', 'liveness'], 'liveness'),
    answering('overlap, regions seen before', ['overlap'], 'regions'),
    answering('overlap, regions never seen', ['overlap'], 'new-regions'),
  ],
}
