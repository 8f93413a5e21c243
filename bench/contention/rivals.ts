import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import * as z from 'zod'
import { newLedgerName } from '../eventstoredb-server.ts'

const Report = z.object({ latenciesMs: z.array(z.number()), gapMs: z.number(), errors: z.array(z.string()) })
type Report = z.infer<typeof Report>

interface Load {
  readonly url: string
  /** Commands that each process has in flight. */
  readonly inFlight: number
  readonly seconds: number
}

/** Prints what one process alone gets from a server, and what several do that give commands to one ledger. */
export async function measureRivals(load: Load & { readonly processes: number }): Promise<void> {
  const { processes, seconds } = load
  const alone = await run({ ...load, count: 1 })
  show('alone', alone, seconds)
  const together = await run({ ...load, count: processes })
  show(`${processes} processes`, together, seconds)
  console.log(`  together/alone ${(rate(together, seconds) / rate(alone, seconds)).toFixed(2)}`)
}

async function run(load: Load & { readonly count: number }): Promise<readonly Report[]> {
  const ledger = newLedgerName()
  const children = Array.from({ length: load.count }, (_, index) => start(load, { ledger, name: `p${index}` }))
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

function start({ url, inFlight, seconds }: Load, { ledger, name }: { readonly ledger: string; readonly name: string }) {
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

function rate(reports: readonly Report[], seconds: number): number {
  return reports.reduce((sum, { latenciesMs }) => sum + latenciesMs.length, 0) / seconds
}

function show(title: string, reports: readonly Report[], seconds: number): void {
  const counts = reports.map(({ latenciesMs }) => latenciesMs.length)
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length
  const all = reports.flatMap(({ latenciesMs }) => latenciesMs)
  const errors = reports.flatMap(one => one.errors)
  const p99s = reports.map(({ latenciesMs }) => percentile(latenciesMs, 0.99))
  console.log(
    `  ${title}: ${rate(reports, seconds).toFixed(0)} commands/s, slowest/mean ${(Math.min(...counts) / mean).toFixed(2)}, ` +
      `longest gap ${Math.max(...reports.map(({ gapMs }) => gapMs)).toFixed(0)} ms, p50 ${percentile(all, 0.5).toFixed(1)}, ` +
      `p99 ${percentile(all, 0.99).toFixed(1)} ms, by process ${Math.min(...p99s).toFixed(0)} to ${Math.max(...p99s).toFixed(0)} ms, ` +
      `errors ${errors.length} ${errors[0] ?? ''}`,
  )
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}
