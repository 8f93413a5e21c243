import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { RecordedEvent } from '@holdfast/core'
import { verifyLedger } from '@holdfast/projections'
import { openStore, type LogStore } from '@holdfast/store'
import picomatch from 'picomatch'
import { expect, it } from 'vitest'

const PROCESSES = 32
const ROUNDS = 10

it(
  '32 processes take and give up overlapping lanes: no double grant, no error, no timeout',
  { timeout: 120_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-race-'))
    const url = `sqlite:${join(folder, 'ledger.db')}`
    try {
      const script = join(import.meta.dirname, 'contender.ts')
      const run = promisify(execFile)
      const ended = await Promise.all(
        Array.from({ length: PROCESSES }, (_, index) =>
          run(process.execPath, [script, url, String(index), String(ROUNDS)]),
        ),
      )
      expect(ended.map(({ stdout }) => stdout.trim())).toEqual(Array.from({ length: PROCESSES }, () => 'done'))
      const store = await openStore(url, { create: false })
      try {
        const events = await historyOf(store)
        expect(events.filter(({ type }) => type === 'ACQUIRE')).toHaveLength(PROCESSES * ROUNDS)
        expect(doubleGrants(events)).toEqual([])
        const { ok, checks } = await verifyLedger(store, 'default')
        expect({ ok, faults: checks.filter(check => !check.ok) }).toEqual({ ok: true, faults: [] })
      } finally {
        await store.close()
      }
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
)

async function historyOf(store: LogStore): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = []
  for await (const entries of store.read('default')) {
    for (const entry of entries) if (entry.type !== 'UNRECOGNISED') events.push(entry)
  }
  return events
}

/** Paths that tell the lanes' regions apart, and one for each way in which two of them overlap. */
const PATHS = ['src/api/x.ts', 'src/x.ts', 'src/api/x.d.ts', 'src/x.d.ts', 'docs/x.d.ts', 'docs/x.md', 'x.d.ts']

const LITERAL = { dot: true, nonegate: true, noextglob: true, posix: true, nocase: true }

/** Walks the log with no code of the product: what is held when, and does any path have two holders? */
function doubleGrants(events: readonly RecordedEvent[]): string[] {
  const held = new Map<string, readonly string[]>()
  const found: string[] = []
  for (const event of events) {
    if (event.type === 'RELEASE' || event.type === 'SCAVENGE') held.delete(event.data.leaseId)
    if (event.type !== 'ACQUIRE') continue
    const globs = event.data.region.flatMap(glob => (/[*?]/.test(glob) ? [glob] : [glob, `${glob}/**`]))
    const covered = PATHS.filter(path => globs.some(glob => picomatch.makeRe(glob, LITERAL).test(path)))
    for (const [other, paths] of held) {
      if (paths.some(path => covered.includes(path))) found.push(`${event.data.leaseId} beside ${other}`)
    }
    held.set(event.data.leaseId, covered)
  }
  return found
}
