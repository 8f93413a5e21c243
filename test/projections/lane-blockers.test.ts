import { decide, fork, Lane, type Claim, type LedgerState, type ProcessIdentity } from '@holdfast/core'
import { processKey } from '@holdfast/core/internal'
import { laneBlockers, laneHolders, type LaneBlockers } from '@holdfast/projections'
import { laneBlockers$ } from '@holdfast/projections/streams'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { atMs, probed, processOf } from '../core/harness/alphabet.ts'
import { acquire } from '../core/harness/commands.ts'
import { CoreLedger } from '../core/harness/core-ledger.ts'
import { expectCaught, runs } from '../core/harness/properties.ts'
import { LANES, play, RICH, steps } from '../core/harness/steps.ts'
import { Scribe, STREAM } from './scribe.ts'
import { BEDS } from './stores.ts'
import { until } from '../setup/virtual-time.ts'

const CHILDREN = [processOf(10), processOf(11)]

function claimOf(lane: string): Claim {
  return { lane: Lane.parse(lane), mode: 'exclusive', region: [], kind: null }
}

/** What is believed of children: some run, the others are dead. */
function probeOf(alive: readonly number[]) {
  return (process: ProcessIdentity) => (alive.includes(process.pid) ? 'alive' : 'dead')
}

function seen(state: LedgerState, lane: string, nowMs: number, alive: readonly number[]): LaneBlockers {
  return laneBlockers(state, { claim: claimOf(lane), nowMs: atMs(nowMs), probe: probeOf(alive) })
}

function isGranted(state: LedgerState, lane: string, nowMs: number, alive: readonly number[]): boolean {
  const probes = CHILDREN.map(child => {
    const status = probeOf(alive)(child)
    return [child, { status, consecutiveDead: status === 'dead' ? 1 : 0 }] as const
  })
  const decision = decide(fork(state), acquire(lane, 'newcomer'), { nowMs: atMs(nowMs), evidence: probed(...probes) })
  return decision.kind === 'again' || decision.outcome.outcome === 'granted'
}

const scripts = fc.record({
  script: steps(25),
  laterMs: fc.nat({ max: 30 }),
  alive: fc.subarray([10, 11]),
})

/** Whether `isFree` says for every lane what an acquire would be told. */
function agreesWithAcquire(isFree: (state: LedgerState, lane: string, nowMs: number, alive: number[]) => boolean) {
  return fc.property(scripts, ({ script, laterMs, alive }) => {
    const ledger = new CoreLedger({ config: RICH })
    play(ledger, script)
    const nowMs = ledger.nowMs + laterMs
    for (const lane of LANES) {
      expect(isFree(ledger.state, lane, nowMs, alive), lane).toBe(isGranted(ledger.state, lane, nowMs, alive))
    }
  })
}

describe('what stands in the way of a lane', () => {
  it('is there exactly when an acquire of a newcomer would be refused', () => {
    const property = agreesWithAcquire((state, lane, nowMs, alive) => seen(state, lane, nowMs, alive).free)
    fc.assert(property, runs(100))
  })

  it('is more than who holds it: drains, tickets, children and reapers are missed by that', () => {
    const byHolders = agreesWithAcquire((state, lane, nowMs) => {
      return laneHolders(state, Lane.parse(lane), { nowMs: atMs(nowMs) }).length === 0
    })
    expectCaught(byHolders)
  })

  it('is looked at again in time: until then the answer stays, and what is promised to be free then is', () => {
    const property = fc.property(scripts, ({ script, laterMs, alive }) => {
      const ledger = new CoreLedger({ config: RICH })
      play(ledger, script)
      const nowMs = ledger.nowMs + laterMs
      for (const lane of LANES) {
        const { free, looksAgainAtMs, freeAtMs } = seen(ledger.state, lane, nowMs, alive)
        const lastMs = Math.min((looksAgainAtMs ?? nowMs + 100) - 1, nowMs + 100)
        for (let at = nowMs; at <= lastMs; at += 1) expect(seen(ledger.state, lane, at, alive).free, lane).toBe(free)
        // Whether a child runs is seen from the expiry on: what is promised before counts on none.
        if (freeAtMs !== null && alive.length === 0)
          expect(seen(ledger.state, lane, Math.max(nowMs, freeAtMs), alive).free, lane).toBe(true)
      }
    })
    fc.assert(property, runs(50))
  })
})

const API = claimOf('api')
const shownBy = ({ free, code, blockers }: LaneBlockers) => (free ? 'free' : `${code} by ${blockers[0]?.holder}`)

describe.each(BEDS)('laneBlockers$ on $kind', ({ open }) => {
  it('waits until what was taken by force has drained, though nobody holds the lane', async () => {
    await using bed = await open()
    const scribe = await Scribe.found(bed.store)
    const { lane, token, expiresAtMs } = await scribe.hold('api', { holder: 'ann' })
    await scribe.tell({ type: 'scavenge', lane, token, force: true })
    const shown: string[] = []
    const subscription = laneBlockers$(bed.store, STREAM, { claim: API, timers: bed.time.timers }).subscribe(view =>
      shown.push(shownBy(view)),
    )
    await until(() => bed.time.pending === 1, 'the timer')
    expect(shown).toEqual(['draining by ann'])
    expect(bed.time.nextInMs).toBe(expiresAtMs - bed.time.nowMs)
    bed.time.advance(expiresAtMs - bed.time.nowMs)
    await until(() => shown.length === 2, 'the end of the draining')
    expect(shown).toEqual(['draining by ann', 'free'])
    expect(bed.time.pending).toBe(0)
    subscription.unsubscribe()
  })

  it('looks at a child that runs on every second, for its end writes no event', async () => {
    await using bed = await open()
    const scribe = await Scribe.found(bed.store)
    const child = processOf(10)
    const { expiresAtMs } = await scribe.hold('api', { holder: 'ann', children: [child] })
    bed.time.advance(expiresAtMs - bed.time.nowMs)
    const alive = new Set([processKey(child)])
    const probe = (process: ProcessIdentity) => (alive.has(processKey(process)) ? 'alive' : 'dead')
    const shown: LaneBlockers[] = []
    const options = { claim: API, timers: bed.time.timers, probe }
    const subscription = laneBlockers$(bed.store, STREAM, options).subscribe(view => shown.push(view))
    await until(() => bed.time.pending === 1, 'the timer')
    expect(shown).toMatchObject([{ code: 'orphan-alive', blockers: [{ leaseId: 'api@1', child: { pid: 10 } }] }])
    bed.time.advance(1000)
    await until(() => shown.length === 2 && bed.time.pending === 1, 'another look')
    alive.clear()
    bed.time.advance(1000)
    await until(() => shown.length === 3, 'the look after its end')
    expect(shown.at(-1)).toMatchObject({ free: true })
    subscription.unsubscribe()
  })

  it('waits for those in line, and hears that one gave up', async () => {
    await using bed = await open()
    const scribe = await Scribe.found(bed.store)
    const held = await scribe.hold('api', { holder: 'ann' })
    const waits = { type: 'acquire', holder: 'ben', claims: [{ lane: 'api' }], wait: true, requestId: 'q' } as const
    await scribe.tell({ ...waits, claims: [...waits.claims] })
    await scribe.release(held)
    const shown: string[] = []
    const subscription = laneBlockers$(bed.store, STREAM, { claim: API, timers: bed.time.timers }).subscribe(view =>
      shown.push(shownBy(view)),
    )
    await until(() => shown.length === 1, 'the first view')
    await scribe.tell({ type: 'withdraw', holder: 'ben', requestId: 'q' })
    await until(() => shown.at(-1) === 'free', 'the withdrawal')
    expect(shown[0]).toBe('queued-behind by ben')
    subscription.unsubscribe()
  })
})
