import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundleCommandLine } from '../scripts/build.ts'
import type { Benchmark } from './benchmark.ts'
import { growLongLedger, makeLongLedger } from './long-ledger.ts'

const LONG = 1_000_000
const SHORT = 1_000
/** As much of a tail as leaves the measured commands room before they write the next snapshot. */
const SINCE = 800
const RATIO_MAX = 1.5

const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-'))
const url = (name: string) => `sqlite:${join(folder, name)}.db`
let published = ''
let asked = 0

/** A process of its own that takes a lane which nobody holds. */
function acquire(name: string): void {
  asked += 1
  const words = ['--store', url(name), 'acquire', `asked-${asked}`, '--holder', 'bench']
  execFileSync(process.execPath, [published, ...words], { stdio: 'pipe' })
}

function spanOfAcquire(name: string): string {
  const startedMs = performance.now()
  acquire(name)
  return `${Math.round(performance.now() - startedMs)} ms`
}

/** A ledger that nobody has folded yet. Its first command does, and leaves a snapshot, unless it is too short for one. */
async function makeAndOpen(name: string, events: number): Promise<void> {
  await makeLongLedger(url(name), events)
  const [first, second] = [spanOfAcquire(name), spanOfAcquire(name)]
  console.log(`  ${count(events)} events without a snapshot: the first acquire ${first}, the second ${second}`)
}

function copyLedger(from: string, to: string): void {
  for (const file of readdirSync(folder).filter(each => each.startsWith(`${from}.db`))) {
    cpSync(join(folder, file), join(folder, file.replace(from, to)), { recursive: true })
  }
}

const count = (events: number) => events.toLocaleString('en')

export const benchmark: Benchmark = {
  title: 'a cold `holdfast acquire` after a long past that was never compacted',
  budgetMs: 5_000,
  setup: async () => {
    published = await bundleCommandLine(join(folder, 'published'))
    await makeAndOpen('short', SHORT)
    await makeAndOpen('long', LONG)
    copyLedger('long', 'since')
    await growLongLedger(url('since'), SINCE)
  },
  teardown: () => rmSync(folder, { recursive: true, force: true }),
  cases: [
    { name: `${count(SHORT)} events`, run: () => acquire('short') },
    { name: `${count(LONG)} events`, run: () => acquire('long'), ratioMax: RATIO_MAX },
    {
      name: `${count(LONG)} events, then ${SINCE} since the snapshot`,
      run: () => acquire('since'),
      ratioMax: RATIO_MAX,
    },
  ],
}
