import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { holdfast, type Process } from './harness/command-line.ts'
import { LedgerFolder } from './harness/ledger-folder.ts'
import { until } from './harness/processes.ts'

const TTL_MS = 1500

/** How long after its deadline a child may hear of it, on a busy machine. */
const LATE_MS = 1500

let at: LedgerFolder
beforeEach(async () => {
  at = await LedgerFolder.make({ ttlDefaultMs: TTL_MS, graceMs: 400, orphanGraceMs: 600 })
})
afterEach(async () => {
  await at[Symbol.asyncDispose]()
})

/** A child that says when it begins and when it is asked to end, and ends by itself once `go` is there. */
const CHILD =
  'trap "date +%s%3N > asked; exit 3" TERM; echo > ready; while [ ! -e go ]; do sleep 0.02; done; echo > finished; exit 6'

async function running(...flags: readonly string[]): Promise<Process> {
  const args = ['run', 'work', '--store', at.url, '--holder', 'H', ...flags, '--', 'sh', '-c', CHILD]
  const process = holdfast(args, { cwd: at.folder })
  await until(() => existsSync(at.path('ready')))
  return process
}

/** Another connection locks the store; what it returns ends that. */
function lock(): () => void {
  const database = new DatabaseSync(at.path('ledger.db'), { timeout: 5000 })
  database.exec('BEGIN EXCLUSIVE')
  return () => database.close()
}

/** Another file stands in the place of the store; what it returns puts the store back. */
function replace(): () => void {
  renameSync(at.path('ledger.db'), at.path('ledger.moved'))
  writeFileSync(at.path('ledger.db'), '')
  return () => renameSync(at.path('ledger.moved'), at.path('ledger.db'))
}

/** When the newest beat that the log has was recorded. */
async function lastBeatAtMs(): Promise<number> {
  const [lease] = await at.ledger.leases()
  return lease?.lastBeatAtMs ?? Number.NaN
}

describe('when the store is locked by another connection,', () => {
  const begin = lock

  it('the child goes on until the deadline of its holder, and is stopped then', async () => {
    const run = await running()
    const lastMs = await lastBeatAtMs()
    const end = begin()
    await until(() => existsSync(at.path('asked')))
    end()
    const { code, stderr } = await run.ended
    expect(code).toBe(123)
    expect(stderr).toContain('no beat was confirmed before its deadline')
    const askedMs = Number(readFileSync(at.path('asked'), 'utf8'))
    // A beat may have slipped in before the outage, so the deadline is this one or the next.
    expect(askedMs).toBeGreaterThanOrEqual(lastMs + TTL_MS - 20)
    expect(askedMs).toBeLessThan(lastMs + TTL_MS + TTL_MS / 3 + LATE_MS)
  })

  it('the child ends by itself where --on-loss continue says so', async () => {
    const run = await running('--on-loss', 'continue')
    const lastMs = await lastBeatAtMs()
    const end = begin()
    await until(() => Date.now() > lastMs + 2 * TTL_MS)
    writeFileSync(at.path('go'), '')
    await until(() => existsSync(at.path('finished')))
    end()
    expect((await run.ended).code).toBe(6)
    expect(existsSync(at.path('asked'))).toBe(false)
  })

  it('an outage that ends in time costs nothing', async () => {
    const run = await running()
    const lastMs = await lastBeatAtMs()
    const end = begin()
    await until(() => Date.now() > lastMs + TTL_MS / 3)
    end()
    await at.seen('HEARTBEAT', ({ recordedAt }) => recordedAt > lastMs + TTL_MS)
    writeFileSync(at.path('go'), '')
    expect((await run.ended).code).toBe(6)
    expect(await at.ledger.leases()).toEqual([])
  })
})

describe('when the store is replaced by another file,', () => {
  it('the lease is lost at the next beat, and no later than at its deadline', async () => {
    const run = await running()
    const lastMs = await lastBeatAtMs()
    const end = replace()
    await until(() => existsSync(at.path('asked')))
    end()
    const { code, stderr } = await run.ended
    expect(code).toBe(123)
    expect(stderr).toContain('The store was replaced while it was open')
    expect(stderr).not.toContain('no beat was confirmed')
    expect(Number(readFileSync(at.path('asked'), 'utf8'))).toBeLessThan(lastMs + TTL_MS + TTL_MS / 3 + LATE_MS)
  })

  it('the child ends by itself where --on-loss continue says so', async () => {
    const run = await running('--on-loss', 'continue')
    const end = replace()
    const lastMs = Date.now()
    await until(() => Date.now() > lastMs + 2 * TTL_MS)
    writeFileSync(at.path('go'), '')
    await until(() => existsSync(at.path('finished')))
    end()
    expect((await run.ended).code).toBe(6)
    expect(existsSync(at.path('asked'))).toBe(false)
  })
})

it('a child that ends while the store is away ends with its own code, and that its end is not recorded is told', async () => {
  const run = await running()
  const end = replace()
  writeFileSync(at.path('go'), '')
  const { code, stderr } = await run.ended
  end()
  expect(code).toBe(6)
  expect(stderr).toContain('its end could not be recorded')
})
