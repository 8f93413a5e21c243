import { Configuration, type Lease } from '@holdfast/core'
import { openLedgerOn, type Ledger } from '@holdfast/engine'
import type { LogStore } from '@holdfast/store'
import { openEventStoreDbStore } from '@holdfast/store/eventstoredb'
import { DoctorAnswer } from 'holdfast/schemas'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Holdfast } from '../cli/holdfast.ts'
import { wrapped } from '../store/harness/wrapped-store.ts'
import { EsdbFixture } from './fixture/esdb-fixture.ts'
import { SHORT } from './fixture-factory.ts'
import { at, Time } from './one-time.ts'

// Schedule 22 from end to end: the leader's clock steps +5 after A was heard of last; a long-running B decides at t8, and
// so does a command that has just begun. TTL 9, grace 3, bound of a step 5, in seconds.

const SECOND = 1_000
const CONFIG = Configuration.parse({
  ttlDefaultMs: 9 * SECOND,
  graceMs: 3 * SECOND,
  refusalWindowMs: 0,
  clockStepBoundMs: 5 * SECOND,
})

/** What two readings of the boot clock can be wrong by, and what an answer takes. */
const READING_MS = 50

let time: Time
let fixture: EsdbFixture
const opened: Ledger[] = []

beforeEach(async () => {
  time = new Time()
  fixture = await EsdbFixture.start({ nodes: 3, clock: time.wall })
})
afterEach(async () => {
  await Promise.all(opened.splice(0).map(ledger => ledger.close()))
  await fixture.close()
})

let booted = 0
/** `clock`: what the store says of its clock instead of the truth. */
async function process(clock?: LogStore['clock']): Promise<Ledger> {
  booted += 1
  const bootClock = time.boot(booted * 123_456)
  const store = await openEventStoreDbStore({ url: fixture.url(), ...SHORT, bootClock })
  const ledger = await openLedgerOn(clock === undefined ? store : wrapped(store, { clock }), {
    config: CONFIG,
    bootClock,
  })
  opened.push(ledger)
  return ledger
}

async function acquired(ledger: Ledger, lane: string, holder: string): Promise<Lease> {
  const outcome = await ledger.acquire({ lane, holder })
  if (outcome.outcome !== 'granted') throw new Error(JSON.stringify(outcome))
  return outcome.lease
}

const asks = async (ledger: Ledger, lane: string) => ledger.acquire({ lane, holder: 'B' })

/** The new leader is five seconds ahead, and its first event takes the log's time past whatever ends at 12. */
async function leaderChangesBefore8(writer: Ledger): Promise<void> {
  fixture.elect(1, { clockStepMs: 5 * SECOND })
  time.nowMs = 8 * SECOND
  await acquired(writer, 'elsewhere', 'A')
  expect(await writer.now()).toBeGreaterThanOrEqual(at(12 * SECOND))
}

it('the store says that its clock can step', async () => {
  const store = await openEventStoreDbStore({ url: fixture.url(), ...SHORT })
  expect(store.clock).toBe('can-step')
  await store.close()
})

describe('no early eviction (schedule 22)', () => {
  it('by one who has watched: he gets it when the span is over on his own clock, and no later', async () => {
    const [a, b] = [await process(), await process()]
    const lease = await acquired(a, 'api', 'A')
    await b.refresh()
    await leaderChangesBefore8(a)
    for (const ms of [8 * SECOND, 12 * SECOND - 1]) {
      time.nowMs = ms
      expect(await asks(b, 'api')).toMatchObject({ outcome: 'refused', code: 'lane-held' })
      const { lane, token } = lease
      expect(await b.scavenge({ lane, token })).toMatchObject({ outcome: 'refused', code: 'still-held' })
      expect(await b.adopt({ lane, newHolder: 'B', expectToken: token })).toMatchObject({ outcome: 'refused' })
    }
    time.nowMs = 12 * SECOND + READING_MS
    expect((await asks(b, 'api')).outcome).toBe('granted')
  })

  it('by a command that has just begun: it waits the bound, as its refusal says', async () => {
    const a = await process()
    const lease = await acquired(a, 'api', 'A')
    await leaderChangesBefore8(a)
    const [first, second] = [await process(), await process()]
    expect(await asks(first, 'api')).toMatchObject({
      outcome: 'refused',
      code: 'lane-held',
      earliestRetryAt: lease.expiresAtMs + 5 * SECOND,
    })
    // The log clock shows 17 when it is 12: exactly the end of what A may believe, grace included.
    time.nowMs = 12 * SECOND - READING_MS
    expect(await asks(await process(), 'api')).toMatchObject({ outcome: 'refused' })
    time.nowMs = 12 * SECOND + READING_MS
    expect((await asks(second, 'api')).outcome).toBe('granted')
  })

  it('with the defence switched off it is taken at 8, from a holder who may believe until 9', async () => {
    const [a, b] = [await process(), await process('steady')]
    await acquired(a, 'api', 'A')
    await b.refresh()
    await leaderChangesBefore8(a)
    expect((await asks(b, 'api')).outcome).toBe('granted')
  })

  it('without a step nobody who has watched waits for one', async () => {
    const [a, b] = [await process(), await process()]
    await acquired(a, 'api', 'A')
    await b.refresh()
    time.nowMs = 12 * SECOND + READING_MS
    expect((await asks(b, 'api')).outcome).toBe('granted')
  })
})

describe('no early end of draining (schedule 22)', () => {
  it('for a request, by one who has watched and by one who has just begun', async () => {
    const [a, b] = [await process(), await process()]
    const { lane, token, expiresAtMs } = await acquired(a, 'api', 'A')
    await b.refresh()
    time.nowMs = 1 * SECOND
    expect((await b.scavenge({ lane, token, force: true })).outcome).toBe('scavenged')
    await leaderChangesBefore8(a)
    const draining = { outcome: 'refused', code: 'draining' }
    expect(await asks(b, 'api')).toMatchObject(draining)
    const bound = { ...draining, earliestRetryAt: expiresAtMs + 5 * SECOND }
    expect(await asks(await process(), 'api')).toMatchObject(bound)
    time.nowMs = 12 * SECOND - 1
    expect(await asks(b, 'api')).toMatchObject(draining)
    time.nowMs = 12 * SECOND + READING_MS
    expect((await asks(b, 'api')).outcome).toBe('granted')
  })

  it('for a guard of a later token', async () => {
    const [a, b] = [await process(), await process()]
    const { lane, token } = await acquired(a, 'api', 'A')
    await b.refresh()
    time.nowMs = 1 * SECOND
    const taken = await b.adopt({ lane, newHolder: 'B', expectToken: token, force: true })
    if (taken.outcome !== 'adopted') throw new Error(taken.outcome)
    const mine = taken.lease
    time.nowMs = 7 * SECOND
    await b.heartbeat({ lane, holder: 'B', token: mine.token })
    await leaderChangesBefore8(a)
    for (const ledger of [b, await process()]) {
      expect(await ledger.check(lane, mine.token)).toMatchObject({ outcome: 'draining' })
    }
    await b.heartbeat({ lane, holder: 'B', token: mine.token })
    time.nowMs = 12 * SECOND + READING_MS
    expect(await b.check(lane, mine.token)).toMatchObject({ outcome: 'held' })
  })

  it('with the defence switched off it is over at 8', async () => {
    const [a, b] = [await process(), await process('steady')]
    const { lane, token } = await acquired(a, 'api', 'A')
    await b.refresh()
    expect((await b.scavenge({ lane, token, force: true })).outcome).toBe('scavenged')
    await leaderChangesBefore8(a)
    expect((await asks(b, 'api')).outcome).toBe('granted')
  })
})

describe('the command line, which begins anew each time (schedule 22)', () => {
  it('evicts nothing before the bound is past, and guards what may still drain', async () => {
    const a = await process()
    const held = await acquired(a, 'api', 'A')
    const taken = await a.acquire({ lane: 'docs', holder: 'A', region: ['docs/**'] })
    if (taken.outcome !== 'granted') throw new Error(taken.outcome)
    await a.scavenge({ lane: 'docs', token: taken.lease.token, force: true })
    const holdfast = new Holdfast()
    const on = ['--store', fixture.url()]
    const acquire = () => holdfast.ask('acquire', 'api', '--holder', 'B', ...on)
    const guard = () => holdfast.ask('guard', 'check', 'docs/a.md', '--root', holdfast.folder, '--holder', 'B', ...on)
    time.nowMs = 12 * SECOND + READING_MS
    const retryAt = new Date(held.expiresAtMs + 5 * SECOND).toISOString()
    expect(await acquire()).toMatchObject({ exitCode: 3, answer: { outcome: 'refused', earliestRetryAt: retryAt } })
    expect(await guard()).toMatchObject({ exitCode: 3, answer: { permitted: false, paths: [{ basis: 'draining' }] } })
    time.nowMs = 17 * SECOND + READING_MS
    expect(await acquire()).toMatchObject({ exitCode: 0, answer: { outcome: 'granted' } })
    expect(await guard()).toMatchObject({ exitCode: 0, answer: { permitted: true } })
  })

  it('waits for no lane, and calls nobody to reap, before the bound is past', async () => {
    const a = await process()
    await acquired(a, 'api', 'A')
    const taken = await a.acquire({ lane: 'job', holder: 'A', reap: 'required' })
    if (taken.outcome !== 'granted') throw new Error(taken.outcome)
    await leaderChangesBefore8(a)
    const holdfast = new Holdfast()
    const on = ['--store', fixture.url()]
    const wait = () => holdfast.ask('wait', 'api', '--timeout', '1ms', ...on)
    const unreaped = async (): Promise<number | undefined> => {
      const { checks } = DoctorAnswer.parse((await holdfast.ask('doctor', ...on)).answer)
      return checks.find(({ name }) => name === 'unreaped')?.count
    }
    // By the log clock it is over.
    const listed = { leases: [{ lane: 'api', expired: true }, { lane: 'job', expired: true }, { lane: 'elsewhere' }] }
    expect(await holdfast.ask('leases', ...on)).toMatchObject({ answer: listed })
    expect(await wait()).toMatchObject({ exitCode: 3, answer: { free: false, leases: [{ holder: 'A' }] } })
    expect(await unreaped()).toBe(0)
    time.nowMs = 12 * SECOND + READING_MS
    expect(await unreaped()).toBe(1)
    expect(await holdfast.ask('wait', 'api', ...on)).toMatchObject({ exitCode: 0, answer: { free: true } })
  })
})
