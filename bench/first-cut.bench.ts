import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { compactLedger, openLedger } from '@holdfast/engine'
import type { Benchmark } from './benchmark.ts'
import { growLongLedger, makeLongLedger } from './long-ledger.ts'

// Target: whoever commits to a log while it is cut for the first time waits for no longer than a command takes to start.

const EVENTS = 1_000_000
const KEPT = 10_000
const WAIT_MAX_MS = 250

const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-'))
const url = `sqlite:${join(folder, 'long.db')}`

/** Cuts the log as automatic compaction does, while another process commits; gives what that one waited at most. */
async function cutBesideAnother(): Promise<{
  readonly cutMs: number
  readonly waitMs: number
  readonly commits: number
}> {
  const script = new URL('first-cut-child.ts', import.meta.url).pathname
  const child = spawn(process.execPath, [script, url], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  await lines.next()
  await using ledger = await openLedger(url, { compaction: { automatic: false } })
  const startedMs = performance.now()
  await compactLedger(ledger, { keepLast: { events: KEPT } })
  const cutMs = performance.now() - startedMs
  child.stdin.end()
  const [waitMs = Number.NaN, commits = 0] = String((await lines.next()).value)
    .split(' ')
    .map(Number)
  await once(child, 'exit')
  return { cutMs, waitMs, commits }
}

export const benchmark: Benchmark = {
  title: `the first cut of a log of ${EVENTS.toLocaleString('en')} events, beside another process`,
  budgetMs: 1,
  setup: async () => {
    await makeLongLedger(url, EVENTS)
    {
      await using ledger = await openLedger(url, { compaction: { automatic: false } })
      await ledger.checkpoint({ reason: 'automatic' })
    }
    await growLongLedger(url, KEPT)
    const { cutMs, waitMs, commits } = await cutBesideAnother()
    console.log(
      `  it takes ${Math.round(cutMs)} ms; of ${commits} commits of another process the slowest took ${waitMs} ms`,
    )
    if (!(waitMs <= WAIT_MAX_MS)) throw new Error(`others wait for more than ${WAIT_MAX_MS} ms`)
  },
  teardown: () => rmSync(folder, { recursive: true, force: true }),
  cases: [
    {
      name: 'looking again, with nothing to cut',
      run: async () => {
        await using ledger = await openLedger(url, { compaction: { automatic: false } })
        await compactLedger(ledger, { keepLast: { events: KEPT } })
      },
    },
  ],
}
