// Real processes that give commands to one ledger on EventStoreDB:
//   node bench/contention/eventstoredb.ts [processes] [commands in flight in each] [seconds]
// On the fixture with a real server's times, or on the server that HOLDFAST_TEST_ESDB names.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import * as z from 'zod'
import { EsdbFixture } from '../../test/eventstoredb/fixture/esdb-fixture.ts'

/** What a durable append takes on a real server with a disk, on the same machine. */
const APPEND_MS = 1

const Report = z.object({ latenciesMs: z.array(z.number()), gapMs: z.number(), errors: z.array(z.string()) })
type Report = z.infer<typeof Report>

const [processes = 2, inFlight = 4, seconds = 5] = process.argv.slice(2).map(Number)
const realUrl = process.env['HOLDFAST_TEST_ESDB']
const fixture = realUrl === undefined ? await EsdbFixture.start() : undefined
if (fixture !== undefined) fixture.leader.appendMs = APPEND_MS
const url = realUrl ?? fixture?.url() ?? ''

const alone = await run(1)
show('alone', alone)
const together = await run(processes)
show(`${processes} processes`, together)
console.log(`together/alone ${(rate(together) / rate(alone)).toFixed(2)}`)
await fixture?.close()

async function run(count: number): Promise<readonly Report[]> {
  const ledger = `bench-${process.pid}-${Date.now().toString(36)}`
  const children = Array.from({ length: count }, (_, index) => start(ledger, `p${index}`))
  for (const state of ['ready', 'measured']) {
    for (const { line } of children) {
      const said = await line()
      if (said !== state) throw new Error(`a child said ${said} instead of ${state}`)
    }
    for (const { child } of children) child.stdin.write('go\n')
  }
  const reports = await Promise.all(children.map(async ({ line }) => Report.parse(JSON.parse(await line()))))
  await Promise.all(children.map(({ ended }) => ended))
  return reports
}

function start(ledger: string, name: string) {
  const task = JSON.stringify({ url, ledger, name, inFlight, forMs: seconds * 1_000 })
  const child = spawn(process.execPath, [join(import.meta.dirname, 'eventstoredb-child.ts'), task], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const ended = new Promise(resolve => child.once('exit', resolve))
  const line = async (): Promise<string> => {
    const { value, done } = await lines.next()
    if (done === true) throw new Error('a child ended early')
    return value
  }
  return { child, ended, line }
}

function rate(reports: readonly Report[]): number {
  return reports.reduce((sum, { latenciesMs }) => sum + latenciesMs.length, 0) / seconds
}

function show(title: string, reports: readonly Report[]): void {
  const counts = reports.map(({ latenciesMs }) => latenciesMs.length)
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length
  const all = reports.flatMap(({ latenciesMs }) => latenciesMs)
  const errors = reports.flatMap(one => one.errors)
  const p99s = reports.map(({ latenciesMs }) => percentile(latenciesMs, 0.99))
  console.log(
    `${title}: ${rate(reports).toFixed(0)} commands/s, slowest/mean ${(Math.min(...counts) / mean).toFixed(2)}, ` +
      `longest gap ${Math.max(...reports.map(({ gapMs }) => gapMs)).toFixed(0)} ms, p50 ${percentile(all, 0.5).toFixed(1)}, ` +
      `p99 ${percentile(all, 0.99).toFixed(1)} ms, by process ${Math.min(...p99s).toFixed(0)} to ${Math.max(...p99s).toFixed(0)} ms, ` +
      `errors ${errors.length} ${errors[0] ?? ''}`,
  )
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}
