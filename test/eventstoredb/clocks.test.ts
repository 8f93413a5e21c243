import type { LogStore } from '@holdfast/store'
import { openEventStoreDbStore } from '@holdfast/store/eventstoredb'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EsdbFixture } from './fixture/esdb-fixture.ts'
import { SHORT } from './fixture-factory.ts'
import { bareClient, beat, checkpoint, LEDGER, readAll, STREAM, until } from './harness.ts'
import { at, Time } from './one-time.ts'

const SECOND = 1_000

let time: Time
let fixture: EsdbFixture
const opened: LogStore[] = []

beforeEach(async () => {
  time = new Time()
  fixture = await EsdbFixture.start({ nodes: 3, clock: time.wall })
})
afterEach(async () => {
  await Promise.all(opened.splice(0).map(store => store.close()))
  await fixture.close()
})

async function process(bootedMs = 123_456): Promise<LogStore> {
  const store = await openEventStoreDbStore({ url: fixture.url(), ...SHORT, bootClock: time.boot(bootedMs) })
  opened.push(store)
  return store
}

describe('the log clock', () => {
  it('runs on the own boot clock between events, and never ahead of the leader', async () => {
    const a = await process()
    await a.append(LEDGER, 'none', [checkpoint()])
    for (const spanMs of [0, 500, 8_000, 3_600_000]) {
      time.nowMs = spanMs
      const nowMs = await a.now(LEDGER)
      expect(nowMs).toBeLessThanOrEqual(at(spanMs))
      expect(nowMs).toBeGreaterThanOrEqual(at(spanMs) - 20)
    }
  })

  it('is known to a process that comes late, though all it has read is old', async () => {
    await (await process()).append(LEDGER, 'none', [checkpoint()])
    time.nowMs = 60 * SECOND
    const late = await process(5)
    const nowMs = await late.now(LEDGER)
    expect(nowMs).toBeLessThanOrEqual(at(60 * SECOND))
    expect(nowMs).toBeGreaterThanOrEqual(at(60 * SECOND) - 20)
  })

  it('does not ask again once it knows, and asks beside the ledger', async () => {
    const a = await process()
    await a.append(LEDGER, 'none', [checkpoint()])
    const before = fixture.log.sequence
    await a.now(LEDGER)
    await a.now(LEDGER)
    expect(fixture.log.sequence).toBe(before)
    const late = await process()
    await late.now(LEDGER)
    await late.now(LEDGER)
    // One probe, and once for all the limit of how many are kept.
    expect(fixture.log.sequence).toBe(before + 2)
    expect(await readAll(late)).toHaveLength(1)
  })

  it('never goes back, and recordedAt neither, when the new leader is behind', async () => {
    const [a, b] = [await process(), await process(99)]
    let newest = await a.append(LEDGER, 'none', [checkpoint()])
    let toldMs = await b.now(LEDGER)
    fixture.elect(1, { clockStepMs: -5 * SECOND })
    for (let second = 1; second <= 12; second += 1) {
      time.nowMs = second * SECOND
      const result = await (second % 2 === 0 ? a : b).append(LEDGER, 'any', [beat()])
      const [was, is] = [recordedAt(newest), recordedAt(result)]
      expect(is).toBeGreaterThanOrEqual(was)
      newest = result
      const nowMs = await b.now(LEDGER)
      expect(nowMs).toBeGreaterThanOrEqual(Math.max(toldMs, is))
      toldMs = nowMs
    }
    const entries = await readAll(await process())
    expect(entries.map(entry => entry.recordedAt)).toEqual(
      entries.map(entry => entry.recordedAt).toSorted((x, y) => x - y),
    )
  })
})

// What the store gives a decider for it; the decider's part is in schedule-22.test.ts.
describe('the leader’s clock steps by five seconds (schedule 22)', () => {
  const EXPIRES = 12 * SECOND

  /** B is told of A's claim at t0; the new leader is five seconds ahead; B decides at t8. */
  it('a process that has watched is not moved by a leader that has written nothing to the ledger', async () => {
    const [a, b] = [await process(), await process(777)]
    await a.append(LEDGER, 'none', [checkpoint(), beat('acquired at t0')])
    await b.now(LEDGER)
    fixture.elect(1, { clockStepMs: 5 * SECOND })
    time.nowMs = 8 * SECOND
    // B hears from the new leader by other means: another ledger, its own probe of the clock.
    await b.append('another', 'none', [beat()])
    let decidedAtMs = 0
    await b.commit(LEDGER, 'none', {
      absorb: () => undefined,
      decide: ({ nowMs }) => {
        decidedAtMs = nowMs
        return []
      },
    })
    expect(decidedAtMs).toBeLessThanOrEqual(at(8 * SECOND))
    expect(decidedAtMs).toBeLessThan(at(EXPIRES))
    expect(await b.now(LEDGER)).toBeLessThanOrEqual(at(8 * SECOND))
  })

  it('naively, from the newest time that any event tells, it would evict four seconds early', async () => {
    const [a, b] = [await process(), await process(777)]
    await a.append(LEDGER, 'none', [checkpoint(), beat('acquired at t0')])
    fixture.elect(1, { clockStepMs: 5 * SECOND })
    time.nowMs = 8 * SECOND
    const naive = await b.append('another', 'none', [beat()])
    expect(recordedAt(naive)).toBeGreaterThanOrEqual(at(EXPIRES))
  })

  it('once the new leader has written to the ledger, its time is the log’s: what a watcher saw of it stays within reach', async () => {
    const [a, b] = [await process(), await process(777)]
    const claimed = await a.append(LEDGER, 'none', [checkpoint(), beat('acquired at t0')])
    const seenAtBootMs = time.boot(777).nowMs()
    await b.now(LEDGER)
    fixture.elect(1, { clockStepMs: 5 * SECOND })
    time.nowMs = 8 * SECOND
    await a.append(LEDGER, 'any', [beat('another lane')])
    // The log clock has stepped past the expiry: this alone must not evict.
    expect(await b.now(LEDGER)).toBeGreaterThanOrEqual(at(EXPIRES))
    // The decider's second clock has not: the span since it read the last beat from the leader.
    const watchedMs = time.boot(777).nowMs() - seenAtBootMs
    expect(recordedAt(claimed) + watchedMs).toBeLessThan(at(EXPIRES))
  })
})

describe('followers', () => {
  it('are stale, so whatever decides asks the leader, also through a follower’s address', async () => {
    const writer = await process()
    await writer.append(LEDGER, 'none', [checkpoint(), beat()])
    const [, follower] = fixture.nodes
    if (follower !== undefined) follower.replicatedThrough = fixture.log.sequence
    await writer.append(LEDGER, 'any', [beat('news')])
    const bare: bigint[] = []
    for await (const { event } of bareClient(fixture.url({ node: 1 })).readStream(STREAM, { maxCount: 10 })) {
      if (event !== undefined) bare.push(event.revision)
    }
    expect(bare).toEqual([0n, 1n])
    const through = await openEventStoreDbStore({ url: fixture.url({ node: 1 }), ...SHORT })
    opened.push(through)
    expect(await through.head(LEDGER)).toBe(2)
    expect((await through.append(LEDGER, 'any', [beat()])).outcome).toBe('appended')
  })

  it('one of them leads after the leader is gone: writes go on, nothing is lost or doubled', async () => {
    const store = await process()
    await store.append(LEDGER, 'none', [checkpoint()])
    const writing = (async () => {
      for (let count = 0; count < 12; count += 1) await store.append(LEDGER, 'any', [beat(String(count))])
    })()
    await until(() => fixture.log.sequence > 4, 'some appends')
    await fixture.line(0).refuse()
    fixture.elect(1)
    const [gone] = fixture.nodes
    if (gone !== undefined) gone.state = 'not-ready'
    await writing
    const entries = await readAll(store)
    expect(entries.slice(1).map(entry => (entry.type === 'HEARTBEAT' ? entry.data.reason : ''))).toEqual(
      Array.from({ length: 12 }, (_, index) => String(index)),
    )
  })
})

function recordedAt(result: Awaited<ReturnType<LogStore['append']>>): number {
  if (result.outcome !== 'appended') throw new Error('a conflict')
  return result.recordedAt
}
