import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compactLedger, openLedger } from '@holdfast/engine'
import type { Benchmark } from './benchmark.ts'
import { besideAnother, type BesideAnother } from './beside-another.ts'
import { growLongLedger, makeLongLedger } from './long-ledger.ts'

// Target: whoever commits to a log while it is cut for the first time waits for no longer than a command takes to start.

const EVENTS = 1_000_000
const KEPT = 10_000
const WAIT_MAX_MS = 250

const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-'))
const url = `sqlite:${join(folder, 'long.db')}`

/** Cuts the log as automatic compaction does, while another process commits. */
async function cutBesideAnother(): Promise<BesideAnother> {
  await using ledger = await openLedger(url, { compaction: { automatic: false } })
  return await besideAnother(url, () => compactLedger(ledger, { keepLast: { events: KEPT } }))
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
    const { doneMs, waitMs, commits } = await cutBesideAnother()
    console.log(
      `  it takes ${Math.round(doneMs)} ms; of ${commits} commits of another process the slowest took ${waitMs} ms`,
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
