import type { Lease } from '@holdfast/core'
import { describe, expect, test } from 'vitest'
import { processOf } from './harness/alphabet.ts'
import { acquire, adopt, beat, halt, release, scavenge, spawn } from './harness/commands.ts'
import { CoreLedger } from './harness/core-ledger.ts'
import { adopted, beaten, expectOutcome, granted } from './harness/outcomes.ts'

function held(): { ledger: CoreLedger; lease: Lease } {
  const ledger = new CoreLedger()
  return { ledger, lease: granted(ledger.run(acquire('x', 'A', { runId: 'run' }))) }
}

describe('beats', () => {
  test('a plain beat within the window is not written, moves nothing and says so', () => {
    const { ledger, lease } = held()
    const { head } = ledger.state
    const answer = expectOutcome(ledger.at(2).run(beat(lease, { coalesceWithinMs: 3 })), 'beaten')
    expect(answer).toMatchObject({ coalesced: true, lease: { lastBeatAtMs: 0, expiresAtMs: 12 } })
    expect(ledger.state.head).toBe(head)
  })

  test('the window is at most a third of the TTL', () => {
    const { ledger, lease } = held()
    expect(expectOutcome(ledger.at(3).run(beat(lease, { coalesceWithinMs: 100 })), 'beaten').coalesced).toBe(false)
    expect(expectOutcome(ledger.at(5).run(beat(lease, { coalesceWithinMs: 100 })), 'beaten').coalesced).toBe(true)
    expect(expectOutcome(ledger.run(beat(lease)), 'beaten').coalesced).toBe(false)
  })

  test.each([
    { what: 'an activity', options: { activity: { label: 'a', expectedMs: 1 } } },
    { what: 'an exit', options: { exit: { code: 0, signal: null } } },
    { what: 'progress', options: { progress: 'half' } },
    { what: 'children', options: { children: [] } },
    { what: 'metadata', options: { metadata: {} } },
  ])('a beat with $what is always written', ({ options }) => {
    const { ledger, lease } = held()
    const full = { ...options, coalesceWithinMs: 100 }
    expect(expectOutcome(ledger.run(beat(lease, full)), 'beaten').coalesced).toBe(false)
  })

  test('a beat with a causation is always written, and so is the plain one that ends an activity', () => {
    const { ledger, lease } = held()
    ledger.run(halt('h', { lane: 'x' }))
    const causation = ledger.log.at(-1)
    if (causation?.type !== 'HALT') throw new Error('a HALT was written')
    const options = { coalesceWithinMs: 100, causation: causation.eventId }
    expect(expectOutcome(ledger.run(beat(lease, options)), 'beaten').coalesced).toBe(false)
    ledger.run(beat(lease, { activity: { label: 'a', expectedMs: 30 } }))
    const ending = expectOutcome(ledger.run(beat(lease, { coalesceWithinMs: 100 })), 'beaten')
    expect(ending).toMatchObject({ coalesced: false, lease: { activity: null, expiresAtMs: 33 } })
  })

  test('what a beat carries stays until another one carries it again', () => {
    const { ledger, lease } = held()
    const child = processOf(10)
    ledger.run(
      beat(lease, { progress: 'p', metadata: { k: [1, null] }, children: [child], exit: { code: 1, signal: null } }),
    )
    const kept = {
      progress: 'p',
      metadata: { k: [1, null] },
      children: [child],
      exit: { status: { code: 1 }, atMs: 0 },
    }
    expect(beaten(ledger.at(1).run(beat(lease)))).toMatchObject(kept)
    expect(beaten(ledger.run(beat(lease, { children: [] }))).children).toEqual([])
  })

  test('another holder does not hold it, a wrong token is stale, an empty lane is not held', () => {
    const { ledger, lease } = held()
    const [stranger] = [granted(ledger.run(acquire('y', 'B')))]
    expect(ledger.run(beat({ ...lease, holder: stranger.holder }))).toEqual({ outcome: 'not-held' })
    expect(ledger.run(beat({ ...lease, token: stranger.token }))).toEqual({
      outcome: 'stale-token',
      tokens: [lease.token],
    })
    ledger.run(release(lease))
    expect(ledger.run(beat(lease))).toEqual({ outcome: 'not-held' })
    expect(ledger.run(release(lease))).toEqual({ outcome: 'not-held' })
  })

  test('a late beat under the live token keeps an expired lease', () => {
    const { ledger, lease } = held()
    expect(beaten(ledger.at(100).run(beat(lease))).expiresAtMs).toBe(112)
  })
})

describe('halts', () => {
  const entry = (ledger: CoreLedger) => [...ledger.state.halts.live(ledger.nowMs)].map(([, each]) => each).at(-1)
  const idOf = (ledger: CoreLedger) => {
    const found = entry(ledger)
    if (found === undefined) throw new Error('a halt is known')
    return found.eventId
  }

  test('bind to the one lease that fits everything that is named, or to nothing', () => {
    const { ledger, lease } = held()
    const bound = { leaseId: lease.leaseId, token: lease.token }
    for (const target of [{ lane: 'x' }, { runId: 'run' }, { leaseId: lease.leaseId }, { lane: 'x', runId: 'run' }]) {
      expect(ledger.run(halt('h', target))).toEqual({ outcome: 'recorded', bound })
    }
    for (const target of [{}, { lane: 'y' }, { lane: 'x', runId: 'other' }, { leaseId: 'x@99' }]) {
      expect(ledger.run(halt('h', target))).toEqual({ outcome: 'recorded', bound: null })
    }
  })

  test('name the run of what they are bound to, on the event as in it', () => {
    const ledger = new CoreLedger()
    granted(ledger.run(acquire('x', 'A', { runId: 'run' })))
    ledger.run(halt('h', { lane: 'x' }))
    expect(ledger.log.at(-1)).toMatchObject({ type: 'HALT', runId: 'run', data: { runId: 'run' } })
  })

  test('carry the command that they propose to whoever enacts them', () => {
    const { ledger } = held()
    ledger.run(halt('h', { lane: 'x', command: 'kill -TERM 7' }))
    expect(entry(ledger)).toMatchObject({ command: 'kill -TERM 7', leaseId: 'x@1' })
    ledger.run(halt('h', { lane: 'x' }))
    expect(entry(ledger)).toMatchObject({ command: null })
  })

  test('of several readers the newest is meant, never all', () => {
    const ledger = new CoreLedger()
    const tokens = ['R1', 'R2'].map(holder => granted(ledger.run(acquire('x', holder, { mode: 'shared' }))).token)
    expect(expectOutcome(ledger.run(halt('h', { lane: 'x' })), 'recorded').bound?.token).toBe(tokens[1])
  })

  test('are enacted by a beat and confirmed by the release under the bound token', () => {
    const { ledger, lease } = held()
    ledger.at(1).run(halt('h', { lane: 'x' }))
    const causation = idOf(ledger)
    ledger.at(2).run(beat(lease, { causation }))
    expect(entry(ledger)).toMatchObject({ haltedAtMs: 1, enactedAtMs: 2, confirmedAtMs: null })
    ledger.at(3).run(beat(lease, { causation }))
    expect(entry(ledger)?.enactedAtMs).toBe(2)
    ledger.at(4).run(release(lease, { causation }))
    expect(entry(ledger)).toMatchObject({ enactedAtMs: 2, confirmedAtMs: 4 })
  })

  test('never hit the next holder: after an adoption nobody enacts or confirms them', () => {
    const { ledger, lease } = held()
    ledger.run(halt('h', { lane: 'x' }))
    const causation = idOf(ledger)
    const next = adopted(ledger.run(adopt(lease, 'B', { force: true })))
    ledger.run(beat(next, { causation }))
    ledger.run(release(next, { causation }))
    ledger.run(release(lease, { causation }))
    expect(entry(ledger)).toMatchObject({ enactedAtMs: null, confirmedAtMs: null })
  })

  test('that matched nothing are enacted by nobody', () => {
    const { ledger, lease } = held()
    ledger.run(halt('h', { leaseId: lease.leaseId, lane: 'y' }))
    const causation = idOf(ledger)
    ledger.run(beat(lease, { causation }))
    ledger.run(release(lease, { causation }))
    expect(entry(ledger)).toMatchObject({ token: null, enactedAtMs: null, confirmedAtMs: null })
  })
})

describe('spawns', () => {
  const shown = (ledger: CoreLedger) =>
    [...ledger.state.spawns.live(ledger.nowMs)].map(([, { lane, holder }]) => `${lane} ${holder}`)

  test('are shown until their ACQUIRE, which fits by run or by holder', () => {
    const ledger = new CoreLedger()
    ledger.run(spawn('x', 'A'))
    ledger.run(spawn('x', 'B', { runId: 'run' }))
    ledger.run(spawn('y', 'A'))
    const lease = granted(ledger.run(acquire('x', 'A')))
    expect(shown(ledger)).toEqual(['x B', 'y A'])
    ledger.run(release(lease))
    granted(ledger.run(acquire('x', 'C', { runId: 'run' })))
    expect(shown(ledger)).toEqual(['y A'])
  })

  test('are shown until their TTL, which the ceiling bounds', () => {
    const ledger = new CoreLedger()
    ledger.run(spawn('x', 'A', { ttlMs: 5 }))
    ledger.run(spawn('y', 'A', { ttlMs: 1_000 }))
    ledger.run(spawn('z', 'A'))
    expect(shown(ledger.at(4))).toEqual(['x A', 'y A', 'z A'])
    expect(shown(ledger.at(9))).toEqual(['y A'])
    expect(shown(ledger.at(20))).toEqual([])
  })
})

describe('release', () => {
  test('under the old token after a forced eviction opens the lane', () => {
    const { ledger, lease } = held()
    ledger.run(scavenge(lease, { force: true }))
    expect(expectOutcome(ledger.run(acquire('x', 'B')), 'refused').code).toBe('draining')
    expect(ledger.run(release(lease))).toEqual({ outcome: 'drained', leaseId: lease.leaseId, token: lease.token })
    granted(ledger.run(acquire('x', 'B')))
    expect(ledger.run(release(lease)).outcome).toBe('stale-token')
  })

  test('of an expired lease is a release', () => {
    const { ledger, lease } = held()
    expectOutcome(ledger.at(50).run(release(lease)), 'released')
  })
})
