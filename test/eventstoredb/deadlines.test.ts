import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { LogEntry } from '@holdfast/core'
import { openLedgerOn, type Ledger } from '@holdfast/engine'
import { commitByAppend, StoreError, type AppendingStore, type LogStore } from '@holdfast/store'
import { withinDeadline } from '@holdfast/store/internal'
import { openMemoryStore } from '@holdfast/store/memory'
import { openEventStoreDbStore, type EventStoreDbOptions } from '@holdfast/store/eventstoredb'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hearBeats } from '../engine/harness/hear-beats.ts'
import { EsdbFixture } from './fixture/esdb-fixture.ts'
import type { AppendFault } from './fixture/fixture-node.ts'
import { beat, checkpoint, LEDGER, readAll } from './harness.ts'
import { COMMAND } from '../setup/command.ts'

/** Long beside what an answer takes here, short beside a test. Windows of this length must not add up. */
const DEADLINE_MS = 1_500

/** Two windows would be 2. The rest is the machine's. */
const DEADLINES_MAX = 1.9

const open = (fixture: EsdbFixture, options: Partial<EventStoreDbOptions> = {}): Promise<LogStore> =>
  openEventStoreDbStore({ url: fixture.url(), snapshotFolder: null, deadlineMs: DEADLINE_MS, ...options })

/** How many deadlines a rejection took, and its code. */
async function rejected(call: Promise<unknown>): Promise<{ readonly code: unknown; readonly deadlines: number }> {
  const beganAtMs = performance.now()
  const code: unknown = await call.then(
    () => 'none',
    (error: unknown) => (error instanceof StoreError ? error.code : error),
  )
  return { code, deadlines: (performance.now() - beganAtMs) / DEADLINE_MS }
}

const OUTAGES = {
  'a silent line': (fixture: EsdbFixture) => fixture.line().blackHole(),
  'no majority': (fixture: EsdbFixture) => {
    fixture.leader.state = 'not-ready'
  },
  'appends that time out': (fixture: EsdbFixture) => {
    fixture.leader.faults.push(...Array.from({ length: 1_000 }, () => 'timeout-before-commit' as const))
  },
}

describe.concurrent.each(Object.entries(OUTAGES))('one deadline holds over all of a call: %s', (_, begin) => {
  it('of a ledger that is open', async () => {
    await using fixture = await EsdbFixture.start()
    await using ledger = await openLedgerOn(await open(fixture))
    await ledger.acquire({ lane: 'a', holder: 'A' })
    begin(fixture)
    const first = rejected(ledger.acquire({ lane: 'b', holder: 'A' }))
    // It comes while the other is under way: its time counts from now, not from its turn.
    await new Promise(setImmediate)
    const both = await Promise.all([first, rejected(ledger.acquire({ lane: 'c', holder: 'A' }))])
    for (const { code, deadlines } of both) {
      expect(['unavailable', 'timeout-unknown-outcome']).toContain(code)
      expect(deadlines).toBeLessThan(DEADLINES_MAX)
    }
    fixture.line().heal()
  })

  it('of a store', async () => {
    await using fixture = await EsdbFixture.start()
    await using store = await open(fixture)
    await store.append(LEDGER, 'none', [beat()])
    begin(fixture)
    const commit = store.commit(LEDGER, 'none', { absorb: () => undefined, decide: () => [beat()] })
    const { code, deadlines } = await rejected(commit)
    expect(['unavailable', 'timeout-unknown-outcome']).toContain(code)
    expect(deadlines).toBeLessThan(DEADLINES_MAX)
    fixture.line().heal()
  })

  it('of one that has just come, clock and all', async () => {
    await using fixture = await EsdbFixture.start()
    {
      await using ledger = await openLedgerOn(await open(fixture))
      await ledger.acquire({ lane: 'a', holder: 'A' })
    }
    await using store = await open(fixture)
    await store.head('default')
    begin(fixture)
    const late = async () => {
      await using ledger = await openLedgerOn(store)
      await ledger.acquire({ lane: 'b', holder: 'A' })
    }
    const { code, deadlines } = await rejected(withinDeadline(DEADLINE_MS, late))
    expect(['unavailable', 'timeout-unknown-outcome']).toContain(code)
    expect(deadlines).toBeLessThan(DEADLINES_MAX)
    fixture.line().heal()
  })
})

it('who only asks is answered, though nothing can be written: what the clock cannot be asked costs half the time', async () => {
  await using fixture = await EsdbFixture.start()
  {
    await using ledger = await openLedgerOn(await open(fixture))
    await ledger.acquire({ lane: 'a', holder: 'A' })
  }
  fixture.leader.faults.push(...Array.from({ length: 100 }, () => 'hold-before-commit' as const))
  await using store = await open(fixture)
  const nowMs = await withinDeadline(DEADLINE_MS, async () => {
    const head = await store.head('default')
    const now = await store.now('default')
    expect(await store.head('default')).toBe(head)
    return now
  })
  expect(nowMs).toBeGreaterThan(0)
  fixture.leader.releaseAppends()
})

it('looks at the end of a slow server count: the deadline holds though every one of them is answered', async () => {
  await using fixture = await EsdbFixture.start()
  await using ledger = await openLedgerOn(await open(fixture))
  await using rival = await open(fixture, { deadlineMs: 60_000 })
  await ledger.acquire({ lane: 'a', holder: 'A' })
  const over = new AbortController()
  const overtaking = (async () => {
    while (!over.signal.aborted) await rival.append(LEDGER, 'any', [beat()])
  })()
  fixture.line().latencyMs = 60
  const { deadlines } = await rejected(ledger.acquire({ lane: 'b', holder: 'A' }))
  over.abort()
  fixture.line().latencyMs = DEADLINE_MS * 0.4
  expect((await rejected(ledger.check('a', 1))).deadlines).toBeLessThan(DEADLINES_MAX)
  fixture.line().latencyMs = 0
  await overtaking
  expect(deadlines).toBeLessThan(DEADLINES_MAX)
})

it('a look that is shared has nobody\u2019s deadline: who has time is answered beside one who has none', async () => {
  await using fixture = await EsdbFixture.start()
  await using store = await open(fixture)
  await store.append(LEDGER, 'none', [beat()])
  const [first, late, last] = await Promise.allSettled([
    store.head(LEDGER),
    withinDeadline(0, () => store.head(LEDGER)),
    store.head(LEDGER),
  ])
  expect([first.status, last.status]).toEqual(['fulfilled', 'fulfilled'])
  expect(late).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } })
})

it('what a call begins goes on after its deadline: a lease that was held within one beats on', async () => {
  await using fixture = await EsdbFixture.start()
  await using ledger = await openLedgerOn(await open(fixture))
  const held = await withinDeadline(400, () => ledger.hold({ lane: 'a', holder: 'A', ttl: '3s', beatEvery: '150ms' }))
  if (held.outcome !== 'granted') throw new Error(held.outcome)
  await hearBeats(ledger, held.lease, 6)
  expect(held.lease.signal.aborted).toBe(false)
})

it('a command that came later has its own time: the end of the first one does not end it', async () => {
  await using fixture = await EsdbFixture.start()
  await using ledger = await openLedgerOn(await open(fixture))
  await ledger.acquire({ lane: 'a', holder: 'A' })
  fixture.leader.state = 'not-ready'
  const busy = rejected(ledger.acquire({ lane: 'b', holder: 'A' }))
  await new Promise(setImmediate)
  const first = rejected(ledger.acquire({ lane: 'c', holder: 'A' }))
  await new Promise(resolve => setTimeout(resolve, DEADLINE_MS / 2))
  const second = ledger.acquire({ lane: 'd', holder: 'A' })
  expect((await busy).code).toBe('unavailable')
  expect((await first).code).toBe('unavailable')
  fixture.leader.state = 'leader'
  expect((await second).outcome).toBe('granted')
})

describe('a commit over appends', () => {
  const lost = new StoreError('timeout-unknown-outcome', 'the answer was lost')
  const away = new StoreError('unavailable', 'out of reach')
  const writing = { absorb: () => undefined, decide: () => [beat()] }

  it('stays in doubt once it was, whatever its repeats run into', async () => {
    await using store = openMemoryStore()
    const answers = [lost, away]
    const append = () => Promise.reject(answers.shift() ?? away)
    const given = commitByAppend({ ...bound(store), append }, LEDGER, 'none', writing)
    await expect(given).rejects.toBe(lost)
  })

  it('that was never sent is in no doubt', async () => {
    await using store = openMemoryStore()
    const given = commitByAppend({ ...bound(store), append: () => Promise.reject(away) }, LEDGER, 'none', writing)
    await expect(given).rejects.toBe(away)
  })

  it('is in doubt when it was written and cannot be read back', async () => {
    await using store = openMemoryStore()
    let reads = 0
    const read: LogStore['read'] = (...asked) => {
      reads += 1
      if (reads > 1) throw away
      return store.read(...asked)
    }
    const writesState = { ...writing, decide: () => [checkpoint()] }
    const given = commitByAppend({ ...bound(store), read }, LEDGER, 'none', writesState)
    await expect(given).rejects.toMatchObject({ code: 'timeout-unknown-outcome' })
    expect(await store.head(LEDGER)).toBe(0)
  })
})

function bound(store: LogStore): AppendingStore {
  return {
    append: (...asked) => store.append(...asked),
    read: (...asked) => store.read(...asked),
    head: (...asked) => store.head(...asked),
    now: (...asked) => store.now(...asked),
  }
}

it.each([
  ['leases', ['leases']],
  ['acquire', ['acquire', 'b', '--holder', 'A']],
])('a command ends by its --timeout: %s', async (_, args) => {
  await using fixture = await EsdbFixture.start()
  {
    await using ledger = await openLedgerOn(await open(fixture))
    await ledger.acquire({ lane: 'a', holder: 'A' })
  }
  fixture.line().blackHole()
  const beganAtMs = performance.now()
  // Its own default is 5 s: what it takes must be less than that, its start on a busy machine included.
  const child = spawn(process.execPath, [COMMAND, ...args, '--store', fixture.url(), '--timeout', '300ms', '--json'])
  await once(child, 'close')
  expect(child.exitCode).toBe(5)
  expect(performance.now() - beganAtMs).toBeLessThan(4_500)
  fixture.line().heal()
})

const fault = fc.constantFrom<AppendFault>(
  'lose-answer',
  'reset-after-commit',
  'reset-before-commit',
  'timeout-after-commit',
  'timeout-before-commit',
  'hold',
  'hold-before-commit',
)
const outage = fc.constantFrom<keyof typeof OUTAGES>('a silent line', 'no majority', 'appends that time out')

it('a command that may be in the log is in doubt: `unavailable` is only said where nothing of it is', async () => {
  await using fixture = await EsdbFixture.start()
  await fc.assert(
    fc.asyncProperty(fc.array(fault, { maxLength: 3 }), outage, fc.nat(40), async (faults, name, delayMs) => {
      const stream = `l-${randomUUID()}`
      const options = { deadlineMs: 250, callDeadlineMs: 60 }
      const patient = await openLedgerOn(await open(fixture, { deadlineMs: 10_000 }), { ledger: stream })
      await patient.close()
      await using ledger = await openedInTheEnd(() => open(fixture, options), stream)
      fixture.leader.faults.push(...faults)
      const given = ['b', 'c'].map(lane => rejected(ledger.acquire({ lane, holder: 'A', requestId: lane })))
      await new Promise(resolve => setTimeout(resolve, delayMs))
      OUTAGES[name](fixture)
      const answers = await Promise.all(given)
      fixture.leader.faults.length = 0
      fixture.leader.state = 'leader'
      fixture.leader.releaseAppends()
      fixture.line().heal()
      await using reader = await open(fixture, { deadlineMs: 10_000 })
      const lanes = grantedLanes(await readAll(reader, {}, stream))
      for (const [index, { code }] of answers.entries()) {
        const lane = ['b', 'c'][index]
        if (code === 'none') expect(lanes).toContain(lane)
        if (code === 'unavailable') expect(lanes).not.toContain(lane)
      }
    }),
    { numRuns: 10 },
  )
})

/** A deadline this short can pass on a busy machine also where nothing is wrong. */
async function openedInTheEnd(openShort: () => Promise<LogStore>, stream: string): Promise<Ledger> {
  for (;;) {
    const store = await openShort()
    try {
      return await openLedgerOn(store, { ledger: stream })
    } catch (error) {
      await store.close()
      if (!(error instanceof StoreError)) throw error
    }
  }
}

function grantedLanes(entries: readonly LogEntry[]): readonly string[] {
  return entries.flatMap(entry => (entry.type === 'ACQUIRE' ? [entry.data.lane] : []))
}
