import { decide, evolve, fork, Kind, Lane, liveLeases, parseRegion, recordNext } from '@holdfast/core'
import { describe, expect, test } from 'vitest'
import { acquire, adopt, beat, configure, halt, release, scavenge, spawn } from './harness/commands.ts'
import { SMALL } from './harness/alphabet.ts'
import { CoreLedger } from './harness/core-ledger.ts'
import { granted, refused } from './harness/outcomes.ts'

const ROUNDS = 3_000
/** Longest that anything here is remembered, halts apart. */
const WINDOW_MS = 50
const ENTRIES_PER_MS = 2

describe('what the state remembers is bounded by what can still matter', () => {
  test('tickets, draining, spawns, requests, refusals and attempts go when their time is over', () => {
    const ledger = new CoreLedger()
    for (let round = 0; round < ROUNDS; round += 1) {
      ledger.at(round)
      const lane = `lane-${round}`
      const lease = granted(ledger.run(acquire(lane, 'A', { requestId: `r${round}`, runId: `run${round}` })))
      refused(ledger.run(acquire(lane, `W${round}`, { requestId: `w${round}`, wait: true })))
      ledger.run(spawn(lane, 'S', { ttlMs: 5 }))
      ledger.run(scavenge(lease, { force: true, disposition: 'retry' }))
    }
    const { tickets, draining, spawns, requests, refusals, attempts, leases } = ledger.state
    for (const memory of [tickets, draining, spawns, requests, refusals, attempts]) {
      expect(memory.keptCount).toBeGreaterThan(0)
      expect(memory.keptCount).toBeLessThanOrEqual(2 * ENTRIES_PER_MS * WINDOW_MS + 64)
    }
    expect(leases.size).toBe(0)
  })

  test('the indexes name what is live and nothing else, however much came and went', () => {
    const ledger = new CoreLedger()
    const everything = parseRegion(['**'], { caseSensitive: false })
    if (!everything.ok) throw new Error('the glob ** parses')
    const indexed = () => {
      const { regions, byLane, byKind } = ledger.state
      const [lane, kind] = [Lane.parse('x'), Kind.parse('big')]
      return [regions.candidates(everything.region), byLane.values(lane), byKind.values(kind)].map(ids => [...ids])
    }
    const asks = () => granted(ledger.run(acquire('x', 'A', { region: ['src/a/**'], kind: 'big' })))
    for (let round = 0; round < 5; round += 1) ledger.run(release(asks()))
    ledger.run(scavenge(asks(), { force: true }))
    expect(indexed()).toEqual([[], [], []])
    const { leaseId } = granted(ledger.at(12).run(acquire('x', 'A', { region: ['src/a/**'], kind: 'big' })))
    expect(indexed()).toEqual([[leaseId], [leaseId], [leaseId]])
  })

  test('the live set is in the order of its ACQUIREs, in a branch in which an older lease beat last too', () => {
    const ledger = new CoreLedger()
    const leases = ['x', 'y', 'z'].map(lane => granted(ledger.run(acquire(lane, 'A'))))
    const [first] = leases
    if (first === undefined) throw new Error('three leases were granted')
    const around = { nowMs: ledger.nowMs }
    let branch = fork(ledger.state)
    for (const event of decide(branch, beat(first), around).events) {
      branch = evolve(branch, recordNext(branch, event, around))
    }
    expect(liveLeases(branch).map(({ lane }) => lane)).toEqual(['x', 'y', 'z'])
  })

  test('halts go after a day', () => {
    const ledger = new CoreLedger()
    const hourMs = 60 * 60 * 1000
    for (let hour = 0; hour < ROUNDS; hour += 1) ledger.at(hour * hourMs).run(halt(`h${hour}`))
    expect(ledger.state.halts.keptCount).toBeLessThanOrEqual(2 * 24 + 64)
    expect([...ledger.state.halts.live(ledger.nowMs)]).toHaveLength(24)
  })

  test('a run that rests for longer than its work is remembered has worked since the lease that it ends', () => {
    const ledger = new CoreLedger()
    const dayMs = 24 * 60 * 60 * 1000
    const lease = granted(ledger.at(3).run(acquire('x', 'A', { runId: 'run' })))
    const runs = () => Array.from(ledger.state.runs.live(ledger.nowMs), ([, run]) => run)
    expect(runs()).toMatchObject([{ startedAtMs: 3, workedAtMs: [] }])
    ledger.at(3 + dayMs)
    expect(runs()).toEqual([])
    ledger.run(release(lease))
    expect(runs()).toMatchObject([{ startedAtMs: 3, workedAtMs: [3 + dayMs] }])
  })

  test('a lease that changes hands for ever leaves one request behind, not one a hand', () => {
    const ledger = new CoreLedger()
    let lease = granted(ledger.run(acquire('x', 'A', { requestId: 'r' })))
    for (let round = 1; round < 200; round += 1) {
      const outcome = ledger.at(round * 12).run(adopt(lease, `H${round}`))
      if (outcome.outcome !== 'adopted') throw new Error(outcome.outcome)
      ;({ lease } = outcome)
    }
    expect(ledger.state.requests.keptCount).toBeLessThanOrEqual(1)
    expect([...ledger.state.draining.live(ledger.nowMs)]).toEqual([])
  })

  test('a hostile log that acquires one lease again and again leaves no request behind', () => {
    const ledger = new CoreLedger()
    const { token, ...acquired } = granted(ledger.run(acquire('x', 'A', { requestId: 'r0' })))
    expect(token).toBe(1)
    const { lane, leaseId, holder, kind, mode, region, ttlMs, graceMs, process, attempt, maxAttempts, reap } = acquired
    const data = {
      lane,
      leaseId,
      holder,
      kind,
      mode,
      region: [...region],
      ttlMs,
      graceMs,
      process,
      attempt,
      maxAttempts,
      reap,
      reason: '',
    }
    for (let round = 1; round < 500; round += 1) {
      const { requestId } = acquire('x', 'A', { requestId: `r${round}` })
      ledger.at(round * 10).append({ type: 'ACQUIRE', data: { ...data, ...(requestId && { requestId }) } })
    }
    expect(ledger.state.requests.keptCount).toBeLessThanOrEqual(64)
    expect(ledger.state.leases.size).toBe(1)
    expect(ledger.state.byLane.count(lane)).toBe(1)
  })
})

describe('coalescing of refusals', () => {
  test('a repeat with the same blockers within the window appends nothing and names the first', () => {
    const ledger = new CoreLedger()
    granted(ledger.run(acquire('x', 'A')))
    const first = refused(ledger.run(acquire('x', 'B')))
    expect(first).toMatchObject({ coalesced: false, refusalId: `r${ledger.state.head}` })
    ledger.at(4)
    expect(refused(ledger.run(acquire('x', 'B', { runId: 'another run' })))).toMatchObject({
      coalesced: true,
      refusalId: first.refusalId,
    })
    ledger.at(5)
    expect(refused(ledger.run(acquire('x', 'B')))).toMatchObject({ coalesced: false })
  })

  test('other blockers, another request and another code are told anew', () => {
    const ledger = new CoreLedger()
    const reader = (holder: string) => ledger.run(acquire('x', holder, { mode: 'shared' }))
    granted(reader('R0'))
    expect(refused(ledger.run(acquire('x', 'B'))).coalesced).toBe(false)
    expect(refused(ledger.run(acquire('x', 'C'))).coalesced).toBe(false)
    expect(refused(ledger.run(acquire('x', 'B'))).coalesced).toBe(true)
    granted(reader('R1'))
    expect(refused(ledger.run(acquire('x', 'B'))).coalesced).toBe(false)
    const refuses = (name: string) =>
      refused(ledger.run(acquire('x', 'B'), { predicates: [{ name, allowed: false, reason: 'no' }] })).coalesced
    expect([refuses('p'), refuses('p'), refuses('q')]).toEqual([false, true, false])
  })

  test('what it answers is of now, although nothing is written', () => {
    const ledger = new CoreLedger()
    const lease = granted(ledger.run(acquire('x', 'A')))
    expect(refused(ledger.run(acquire('x', 'B'))).earliestRetryAt).toBe(12)
    ledger.at(3).run(beat(lease))
    expect(refused(ledger.run(acquire('x', 'B')))).toMatchObject({ coalesced: true, earliestRetryAt: 15 })
  })

  test('a window of nothing coalesces nothing', () => {
    const ledger = new CoreLedger()
    ledger.run(configure({ ...SMALL, refusalWindowMs: 0 }))
    const lease = granted(ledger.run(acquire('x', 'A')))
    expect([1, 2].map(() => refused(ledger.run(acquire('x', 'B'))).coalesced)).toEqual([false, false])
    ledger.run(release(lease))
    granted(ledger.run(acquire('x', 'B')))
  })
})
