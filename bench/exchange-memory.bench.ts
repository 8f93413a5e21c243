import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLeanLedger } from '@holdfast/engine/lean'
import { exportLedger } from '@holdfast/engine/maintenance'
import { appendBeats } from '../test/maintenance/many-beats.ts'
import type { Benchmark } from './benchmark.ts'

// Target: an export and an import take no more memory for a million events than for a tenth of them. The heap is bounded,
// for V8 lets garbage lie as long as there is room, and what it has not collected yet is no need.

const SMALL = 100_000
const LARGE = 1_000_000
const TINY = 10_000
const RATIO_MAX = 1.2
const HEAP = '--max-old-space-size=64 --max-semi-space-size=8'

const command = join(import.meta.dirname, '..', 'packages', 'cli', 'bin', 'holdfast.js')
const telling = 'data:text/javascript,process.on("exit",()=>console.error(process.resourceUsage().maxRSS))'
const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-'))
const url = (events: number): string => `sqlite:${join(folder, `${events}.db`)}`

/** Runs a command to its end; gives the most memory that its process had. */
function peakKb(...args: readonly string[]): number {
  const env = { ...process.env, NODE_OPTIONS: HEAP }
  const { status, stderr } = spawnSync(process.execPath, ['--import', telling, command, ...args], { cwd: folder, env })
  if (status !== 0) throw new Error(stderr.toString())
  return Number(stderr.toString().trim())
}

function exchange(events: number): { readonly exporting: number; readonly importing: number } {
  const file = `${events}.jsonl`
  const exporting = peakKb('export', file, '--store', url(events))
  const importing = peakKb('import', 'holdfast', file, '--store', `${url(events)}.copy`)
  return { exporting, importing }
}

async function make(events: number): Promise<void> {
  await using ledger = await openLeanLedger(url(events), { actor: null })
  await appendBeats(ledger, events)
}

export const benchmark: Benchmark = {
  title: `memory of an export and an import, ${LARGE} events against ${SMALL}`,
  budgetMs: 1,
  setup: async () => {
    for (const events of [TINY, SMALL, LARGE]) await make(events)
    const [small, large] = [exchange(SMALL), exchange(LARGE)]
    for (const what of ['exporting', 'importing'] as const) {
      const ratio = large[what] / small[what]
      const megabytes = [large[what], small[what]].map(kb => `${Math.round(kb / 1024)} MB`).join(' against ')
      console.log(`  ${what}: ${megabytes}, ${ratio.toFixed(2)} times, at most ${RATIO_MAX}`)
      if (ratio > RATIO_MAX) throw new Error(`${what} takes memory that grows with the history`)
    }
  },
  teardown: () => rmSync(folder, { recursive: true, force: true }),
  cases: [
    {
      name: 'read and write one event as a line',
      unitsPerCall: TINY,
      run: async () => {
        await using ledger = await openLeanLedger(url(TINY), { actor: null })
        for await (const _ of exportLedger(ledger.store, ledger.stream));
      },
    },
  ],
}
