// Real processes that commit to one ledger, by each way to wait for the write lock:
//   node bench/contention/contention.ts [processes] [seconds] [waiting…]
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import * as z from 'zod'
import { openSqliteStore } from '../../packages/store/src/sqlite.ts'

const Report = z.object({
  latenciesMs: z.array(z.number()),
  errors: z.array(z.string()),
  cpuMs: z.number(),
})
type Report = z.infer<typeof Report>

const processes = Number(process.argv[2] ?? 32)
const seconds = Number(process.argv[3] ?? 5)
const waitings = process.argv.length > 4 ? process.argv.slice(4) : ['random', 'tickets']
const OFFERED_PER_SECOND = 640

for (const by of ['append', 'commit'] as const) {
  for (const waiting of waitings) {
    report(`${by}, ${waiting}, closed loop`, await run(by, waiting, 0))
    report(`${by}, ${waiting}, ${OFFERED_PER_SECOND}/s offered`, await run(by, waiting, OFFERED_PER_SECOND / processes))
  }
}

async function run(by: 'append' | 'commit', waiting: string, perSecond: number): Promise<readonly Report[]> {
  const folder = mkdtempSync(join(process.env['BENCH_DIR'] ?? tmpdir(), 'holdfast-contention-'))
  const path = join(folder, 'ledger.db')
  await (await openSqliteStore({ path })).close()
  const rehearsalFolder = existsSync('/dev/shm') ? '/dev/shm' : folder
  const task = JSON.stringify({ path, rehearsalFolder, by, waiting, perSecond, forMs: seconds * 1000 })
  const children = Array.from({ length: processes }, () =>
    spawn(process.execPath, [join(import.meta.dirname, 'contention-child.ts'), task], {
      stdio: ['pipe', 'pipe', 'inherit'],
    }),
  )
  const lines = children.map(linesOf)
  for (const state of ['ready', 'committing', 'measured']) {
    for (const line of lines) expectLine(state, await line())
    if (state !== 'committing') for (const child of children) child.stdin.write('go\n')
  }
  const reports = await Promise.all(lines.map(async line => Report.parse(JSON.parse(await line()))))
  await Promise.all(
    children.map(child => new Promise(resolve => (child.exitCode === null ? child.once('exit', resolve) : resolve(0)))),
  )
  rmSync(folder, { recursive: true })
  return reports
}

function expectLine(expected: string, line: string): void {
  if (line !== expected) throw new Error(`a child said ${line} instead of ${expected}`)
}

function linesOf(child: ChildProcess): () => Promise<string> {
  if (child.stdout === null) throw new Error('no output to read')
  const iterator = createInterface(child.stdout)[Symbol.asyncIterator]()
  return async () => {
    const { value, done } = await iterator.next()
    if (done === true) throw new Error('a child ended early')
    return value
  }
}

function report(title: string, reports: readonly Report[]): void {
  const counts = reports.map(({ latenciesMs }) => latenciesMs.length)
  const total = counts.reduce((sum, count) => sum + count, 0)
  const p99s = reports.map(({ latenciesMs }) => percentile(latenciesMs, 0.99))
  const all = reports.flatMap(({ latenciesMs }) => latenciesMs)
  const errors = reports.flatMap(one => one.errors)
  const mean = total / reports.length
  console.log(
    `${title}: ${(total / seconds).toFixed(0)}/s, p50 ${percentile(all, 0.5).toFixed(1)}, p99 ${percentile(all, 0.99).toFixed(1)} ms, ` +
      `p99 by process mean ${(p99s.reduce((sum, one) => sum + one, 0) / p99s.length).toFixed(1)}, worst ${Math.max(...p99s).toFixed(1)} ms, ` +
      `slowest/mean ${(Math.min(...counts) / mean).toFixed(2)}, ` +
      `CPU ${(reports.reduce((sum, one) => sum + one.cpuMs, 0) / total).toFixed(2)} ms a commit, errors ${errors.length} ${errors[0] ?? ''}`,
  )
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}
