import {
  admit,
  countedTimes,
  DEFAULT_CONFIGURATION,
  evolve,
  initialState,
  judgeWrites,
  OwnWatch,
  type LogEntry,
  type Token,
} from '@holdfast/core'
import { CheckpointData, drainingAt, NOTHING_WATCHED } from '@holdfast/core/internal'
import { checkpointEntry, writeCheckpoint } from '@holdfast/core/laws'
import { describe, expect, test } from 'vitest'
import { atMs, dead, processOf, probed, SMALL } from './harness/alphabet.ts'
import { acquire, adopt, beat, configure, holderNamed, release, scavenge } from './harness/commands.ts'
import { CoreLedger } from './harness/core-ledger.ts'
import { entryAfter } from './harness/entry-after.ts'
import { adopted, expectOutcome, granted } from './harness/outcomes.ts'

/** The own clock counts from another instant than the log clock. */
const BOOT_MS = 500

/** A ledger and somebody who reads each entry when he is told to, by default as it is written. */
class Reading {
  readonly ledger = new CoreLedger()
  readonly watch = new OwnWatch()
  #read = initialState()

  read(lateMs = 0): this {
    const ownMs = BOOT_MS + this.ledger.nowMs + lateMs
    const fresh = this.ledger.log.filter(({ revision }) => revision > this.#read.head)
    this.watch.told(this.ledger.nowMs + lateMs, ownMs)
    for (const entry of fresh) this.take(entry, ownMs)
    return this
  }

  take(entry: LogEntry, ownMs: number): void {
    this.watch.heard(entry.recordedAt, ownMs)
    this.watch.read(this.#read, entry, ownMs)
    this.#read = evolve(this.#read, entry)
  }

  watched(token: Token) {
    return this.watch.at(0).watched.get(token)
  }

  get size(): number {
    return this.watch.at(0).watched.size
  }
}

describe('what a decider has watched', () => {
  test('a grant, a beat and an adoption count from their reading, on the own clock', () => {
    const reading = new Reading()
    const { ledger } = reading
    const a = granted(ledger.at(1).run(acquire('x', 'A')))
    reading.read(2)
    expect(reading.watched(a.token)).toMatchObject({
      expiresAtMs: 503 + 12,
      lastBeatAtMs: 503,
      exitAtMs: null,
      ownedSinceMs: 503,
    })
    ledger.at(4).run(beat(a, { exit: { code: 0, signal: null }, activity: { label: 'last', expectedMs: 20 } }))
    reading.read()
    ledger.at(6).run(beat(a, { exit: { code: 0, signal: null } }))
    reading.read()
    expect(reading.watched(a.token)).toMatchObject({
      expiresAtMs: 504 + 23,
      lastBeatAtMs: 506,
      exitAtMs: 504,
      ownedSinceMs: 503,
    })
    const b = adopted(ledger.at(9).run(adopt(a, 'B', { force: true })))
    reading.read()
    expect(reading.watched(b.token)).toMatchObject({ expiresAtMs: 521, exitAtMs: null, ownedSinceMs: 509 })
    // What was taken by force still drains, and what was read of it still counts.
    expect(reading.watched(a.token)).toMatchObject({ expiresAtMs: 527 })
  })

  test('a beat that is read later than the bound is not watched, and the next prompt one begins anew', () => {
    const reading = new Reading()
    const { ledger } = reading
    const a = granted(ledger.run(acquire('x', 'A')))
    reading.read()
    ledger.at(1).run(beat(a))
    reading.read(6)
    expect(reading.watched(a.token)).toBeUndefined()
    ledger.at(8).run(beat(a))
    reading.read()
    // Nothing is known of when it began; the beats before may count until 13, and by a step 5 longer.
    expect(reading.watched(a.token)).toMatchObject({
      expiresAtMs: 508 + 12,
      lastBeatAtMs: 508,
      exitAtMs: null,
      ownedSinceMs: null,
    })
    granted(ledger.at(9).run(acquire('late', 'A')))
    const size = reading.read(6).size
    expect(size).toBe(1)
  })

  test('what began before it watched counts as it may, by the log clock and a step of it', () => {
    const reading = new Reading()
    const { ledger } = reading
    const a = granted(ledger.run(acquire('x', 'A')))
    ledger.run(beat(a, { activity: { label: 'build', expectedMs: 30 }, exit: { code: 0, signal: null } }))
    reading.read(100)
    ledger.at(2).run(beat(a, { exit: { code: 0, signal: null } }))
    reading.read()
    expect(reading.watched(a.token)).toMatchObject({ expiresAtMs: 502 + (33 - 2) + 5, exitAtMs: null })
    const { state } = ledger
    const [lease] = state.leases.values()
    if (lease === undefined) throw new Error('a lease is live')
    // What is not known of it waits the bound.
    expect(countedTimes(state, lease, { nowMs: 2, ownClock: reading.watch.at(502) })).toMatchObject({
      expiresAtMs: 38,
      exitAtMs: 5,
      ownedSinceMs: 5,
    })
  })

  test('a stale or an unreadable entry is nothing to watch, and a time that is none moves nothing', () => {
    const reading = new Reading()
    const { ledger } = reading
    const a = granted(ledger.run(acquire('x', 'A')))
    reading.read()
    const { lane, leaseId } = a
    const stale = { lane, leaseId, token: 99, reason: '' }
    reading.take(entryAfter(ledger, { data: stale, revision: 50 }), BOOT_MS)
    reading.take(
      entryAfter(ledger, {
        type: 'ADOPT',
        data: { ...stale, previousToken: 99, newHolder: 'B', process: null, forced: true },
        revision: 51,
      }),
      BOOT_MS,
    )
    reading.take(entryAfter(ledger, { type: 'FROB', recordedAt: Number.NaN, revision: 52 }), BOOT_MS)
    expect(reading.size).toBe(1)
    expect(reading.watched(a.token)).toMatchObject({ expiresAtMs: 512 })
  })

  test('an import without tokens is watched under the token that the fold gave it', () => {
    const reading = new Reading()
    const { ledger } = reading
    const a = granted(ledger.run(acquire('x', 'A')))
    reading.read()
    const data = { lane: a.lane, leaseId: a.leaseId, token: null, reason: '' }
    ledger.push(entryAfter(ledger, { data, recordedAt: 3, origin: { format: 'test' } }))
    ledger.at(3)
    reading.read()
    expect(reading.watched(a.token)).toMatchObject({ expiresAtMs: 515 })
  })

  test('entries die with their leases and what these leave draining', () => {
    const reading = new Reading()
    const { ledger } = reading
    const kept = granted(ledger.run(acquire('kept', 'A', { ttlMs: 20 })))
    const forced = granted(ledger.run(acquire('forced', 'A', { ttlMs: 20 })))
    ledger.run(scavenge(forced, { force: true }))
    reading.read()
    for (let round = 0; round < 1000; round += 1) {
      const lease = granted(ledger.run(acquire('x', 'A')))
      ledger.run(release(lease))
      reading.read()
    }
    expect(reading.size).toBeLessThanOrEqual(64)
    expect(reading.watched(kept.token)).toBeDefined()
    expect(reading.watched(forced.token)).toBeDefined()
  })
})

describe('who asks beside a ledger says what he has watched', () => {
  const LEASE = granted(new CoreLedger().run(acquire('x', 'A', { region: ['src/**'] })))
  const config = { ...DEFAULT_CONFIGURATION, clockStepBoundMs: 5 }

  test('admit() ends nothing that was not watched before the bound', () => {
    const claim = { lane: LEASE.lane, mode: 'exclusive' as const, region: [], kind: null }
    const asked = { claim, holder: holderNamed('B'), config }
    const at = (ms: number, ownClock = NOTHING_WATCHED) => admit({ ...asked, nowMs: atMs(ms), ownClock }, [LEASE])
    expect(admit({ ...asked, nowMs: atMs(12) }, [LEASE]).admitted).toBe(true)
    expect(at(16)).toMatchObject({ admitted: false, code: 'lane-held', freeAtMs: 17 })
    expect(at(17).admitted).toBe(true)
  })

  test('judgeWrites() refuses what may still drain, with a lease and without one', () => {
    const ledger = new CoreLedger()
    const a = granted(ledger.run(acquire('x', 'A', { region: ['src/**'] })))
    expectOutcome(ledger.run(scavenge(a, { force: true })), 'scavenged')
    const write = (nowMs: number, ownClock = NOTHING_WATCHED) =>
      judgeWrites(ledger.state, { holder: holderNamed('B'), paths: ['src/a.ts'], nowMs, ownClock })[0]
    expect(write(16)).toMatchObject({ verdict: 'refused', basis: 'draining', untilMs: 17 })
    expect(write(17)).toMatchObject({ verdict: 'unclaimed' })
    granted(ledger.at(12).run(acquire('x', 'B', { region: ['src/**'] })))
    expect(write(16)).toMatchObject({ verdict: 'refused', basis: 'draining', untilMs: 17 })
    expect(write(17)).toMatchObject({ verdict: 'allowed' })
  })
})

describe('what drains is remembered by the bound longer', () => {
  const forced = (config: Partial<typeof SMALL> = {}) => {
    const ledger = new CoreLedger({ config })
    const a = granted(ledger.run(acquire('x', 'A', { process: processOf(1) })))
    ledger.run(scavenge(a, { force: true }))
    return { ledger, a }
  }
  const until = ({ state }: Pick<CoreLedger, 'state'>, nowMs: number, ownClock = NOTHING_WATCHED) =>
    Array.from(drainingAt(state, { nowMs, ownClock }), ({ untilMs }) => untilMs)

  test('and only for those who cannot count on the log clock alone', () => {
    const { ledger } = forced()
    expect([...drainingAt(ledger.state, { nowMs: 11 })]).toHaveLength(1)
    expect([...drainingAt(ledger.state, { nowMs: 12 })]).toEqual([])
    expect([until(ledger, 12), until(ledger, 16), until(ledger, 17)]).toEqual([[17], [17], []])
  })

  test('by the bound as it was when it began: a lower one takes nothing away', () => {
    const { ledger } = forced()
    ledger.run(configure({ ...SMALL, clockStepBoundMs: 0 }))
    expect(until(ledger, 12)).toEqual([17])
  })

  test('however late somebody read of it, no longer than the bound', () => {
    const { ledger, a } = forced()
    const times = { expiresAtMs: 1000, lastBeatAtMs: 988, exitAtMs: null, ownedSinceMs: 988 }
    expect(until(ledger, 12, { nowMs: 900, watched: new Map([[a.token, times]]) })).toEqual([17])
  })

  test('one that a state of before has no such time for is over with the log clock', () => {
    const { ledger } = forced()
    const [[key, entry] = []] = ledger.state.draining.kept(0)
    if (key === undefined || entry === undefined) throw new Error('something drains')
    const { keptUntilMs: _, ...old } = entry
    ledger.state.draining.set(key, old, ledger.nowMs)
    expect([until(ledger, 11), until(ledger, 12)]).toEqual([[12], []])
  })

  test('through a CHECKPOINT too, which finds it past its time by the log clock', () => {
    const { ledger } = forced()
    granted(ledger.at(14).run(acquire('y', 'B')))
    expect(ledger.state.clockMs).toBe(14)
    const state = evolve(initialState(), checkpointEntry(ledger.state, writeCheckpoint))
    expect([until({ state }, 14), until({ state }, 16), until({ state }, 17)]).toEqual([[17], [17], []])
  })

  test('and a CHECKPOINT from before anything was is read: it drains as long as it says', () => {
    const { ledger } = forced()
    const entry = checkpointEntry(ledger.state, state => {
      const data = JSON.stringify(writeCheckpoint(state), (key, value: unknown) =>
        key === 'keptUntilMs' ? undefined : value,
      )
      return CheckpointData.parse(JSON.parse(data))
    })
    expect(JSON.stringify(entry)).not.toContain('keptUntilMs')
    const state = evolve(initialState(), entry)
    expect(state.unreadable).toEqual([])
    expect([until({ state }, 11), until({ state }, 12)]).toEqual([[12], []])
  })

  test('an end that leaves nobody who believes leaves nothing: expiry, and a death', () => {
    const ledger = new CoreLedger()
    const a = granted(ledger.run(acquire('x', 'A', { process: processOf(1) })))
    const evidence = probed([processOf(1), dead()])
    const b = adopted(ledger.at(4).run(adopt(a, 'B', { process: processOf(1) }), evidence))
    const c = adopted(ledger.at(16).run(adopt(b, 'C')))
    expect(c.holder).toBe('C')
    expect(until(ledger, 16)).toEqual([])
  })
})
