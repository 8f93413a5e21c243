import { liveLeases, probesWanted, type Evidence, type Lease } from '@holdfast/core'
import { groundsAgainst } from '@holdfast/core/internal'
import { describe, expect, test } from 'vitest'
import { ALIVE, atMs, dead, probed, processOf, UNKNOWN } from './harness/alphabet.ts'
import { acquire, adopt, beat, release, scavenge, withdraw } from './harness/commands.ts'
import { CoreLedger } from './harness/core-ledger.ts'
import { adopted, beaten, expectOutcome, granted, refused } from './harness/outcomes.ts'

const P = processOf(1)
const CHILD = processOf(10)

function bound(options: { children?: (typeof CHILD)[]; reap?: 'required' } = {}) {
  const ledger = new CoreLedger()
  return { ledger, lease: granted(ledger.run(acquire('x', 'A', { process: P, ...options }))) }
}

function grounds({ state, nowMs }: CoreLedger, evidence?: Evidence) {
  const [lease] = liveLeases(state)
  if (lease === undefined) throw new Error('a lease is live')
  return groundsAgainst(state, lease, { nowMs, evidence })
}

describe('grounds against a lease that is not yours', () => {
  test('expiry: at its instant, not before', () => {
    const { ledger } = bound()
    expect(grounds(ledger.at(11)).expired).toBe(false)
    expect(grounds(ledger.at(12)).expired).toBe(true)
  })

  test('expiry with children: after the orphan grace, or at once when every one is dead', () => {
    const { ledger } = bound({ children: [CHILD, processOf(11)] })
    const both = probed([CHILD, dead()], [processOf(11), dead()])
    ledger.at(12)
    expect(grounds(ledger).expired).toBe(false)
    expect(grounds(ledger, probed([CHILD, dead()])).expired).toBe(false)
    expect(grounds(ledger, both)).toMatchObject({ expired: true, evidence: { children: ['dead', 'dead'] } })
    expect(grounds(ledger.at(17)).expired).toBe(false)
    expect(grounds(ledger.at(18)).expired).toBe(true)
  })

  test.each([
    { what: 'nothing is known', evidence: undefined, holds: false },
    { what: 'it is unknown', evidence: probed([P, UNKNOWN]), holds: false },
    { what: 'it runs', evidence: probed([P, ALIVE]), holds: false },
    { what: 'it was seen dead once', evidence: probed([P, dead(1)]), holds: false },
    { what: 'it was seen dead twice in a row', evidence: probed([P, dead(2)]), holds: true },
    { what: 'another process was seen dead', evidence: probed([processOf(2), dead(9)]), holds: false },
  ])('a dead process: no ground where $what ($holds)', ({ evidence, holds }) => {
    const { ledger } = bound()
    expect(grounds(ledger.at(4), evidence).processDead).toBe(holds)
    expect(grounds(ledger.at(3), evidence).processDead).toBe(false)
  })

  test('a dead process with children: every one has to be seen dead as often', () => {
    const { ledger } = bound({ children: [CHILD] })
    ledger.at(4)
    for (const [child, holds] of [
      [UNKNOWN, false],
      [ALIVE, false],
      [dead(1), false],
      [dead(2), true],
    ] as const) {
      expect(grounds(ledger, probed([P, dead(5)], [CHILD, child])).processDead).toBe(holds)
    }
  })

  test('an unbound lease has no process that could be dead', () => {
    const ledger = new CoreLedger()
    granted(ledger.run(acquire('x', 'A')))
    expect(grounds(ledger.at(8), probed([P, dead(9)])).processDead).toBe(false)
  })

  test('a beat takes the ground of silence away', () => {
    const { ledger, lease } = bound()
    ledger.at(4).run(beat(lease))
    expect(grounds(ledger.at(7), probed([P, dead(9)])).processDead).toBe(false)
    expect(grounds(ledger.at(8), probed([P, dead(9)])).processDead).toBe(true)
  })

  test('an exit counts from its first record, and a later one does not put it off', () => {
    const { ledger, lease } = bound()
    ledger.at(1).run(beat(lease, { exit: { code: 1, signal: null } }))
    ledger.at(4).run(beat(lease, { exit: { code: 1, signal: null } }))
    expect(grounds(ledger.at(5)).exited).toBe(false)
    expect(grounds(ledger.at(6)).exited).toBe(true)
  })

  test('age counts from the present ownership', () => {
    const { ledger, lease } = bound()
    for (const ms of [8, 16, 24]) ledger.at(ms).run(beat(lease))
    expect(grounds(ledger.at(30)).overAge).toBe(false)
    expect(grounds(ledger.at(31)).overAge).toBe(true)
    adopted(ledger.run(adopt(lease, 'B', { force: true })))
    expect(grounds(ledger).overAge).toBe(false)
  })

  test('the processes to probe are those that the decision may turn on', () => {
    const { ledger, lease } = bound({ children: [CHILD] })
    const wanted = (command: Parameters<typeof probesWanted>[1]) => probesWanted(ledger.state, command, ledger.nowMs)
    expect(wanted(adopt(lease, 'B'))).toEqual([P, CHILD])
    expect(wanted(scavenge(lease))).toEqual([P, CHILD])
    expect(wanted(acquire('x', 'B'))).toEqual([])
    ledger.at(12)
    expect(wanted(acquire('x', 'B'))).toEqual([CHILD])
    expect(wanted(acquire('y', 'B'))).toEqual([])
    expect(wanted(beat(lease))).toEqual([])
    expect(wanted(withdraw('A', 'r'))).toEqual([])
  })

  test('probes of a lease that no process holds are those of its children', () => {
    const ledger = new CoreLedger()
    const lease = granted(ledger.run(acquire('x', 'A', { children: [CHILD] })))
    expect(probesWanted(ledger.state, scavenge(lease), ledger.nowMs)).toEqual([CHILD])
  })

  test('probes are wanted of whoever takes a share of the budget that is asked for, on any lane', () => {
    const ledger = new CoreLedger({ config: { kinds: { big: { budget: 1 } } } })
    granted(ledger.run(acquire('x', 'A', { kind: 'big', children: [CHILD] })))
    const wanted = (kind?: string) =>
      probesWanted(ledger.state, acquire('y', 'B', kind === undefined ? {} : { kind }), 12)
    expect(wanted('big')).toEqual([CHILD])
    expect(wanted()).toEqual([])
  })
})

describe('adoption', () => {
  test('gives a new token and keeps what belongs to the lease, not what belonged to the owner', () => {
    const { ledger, lease } = bound({ children: [CHILD] })
    const exit = { code: 1, signal: null }
    const said = { activity: { label: 'a', expectedMs: 5 }, exit, progress: 'p', metadata: { k: 1 } }
    const before = beaten(ledger.at(1).run(beat(lease, said)))
    expect(before).toMatchObject({
      activity: { label: 'a' },
      exit: { status: exit },
      progress: 'p',
      metadata: { k: 1 },
    })
    const after = adopted(ledger.at(2).run(adopt(lease, 'B', { force: true, process: processOf(2) })))
    expect(after).toMatchObject({
      leaseId: lease.leaseId,
      lane: 'x',
      holder: 'B',
      process: processOf(2),
      children: [CHILD],
      place: lease.place,
      acquiredAtMs: 0,
      ownedSinceMs: 2,
      lastBeatAtMs: 2,
      expiresAtMs: 14,
      activity: null,
      exit: null,
      progress: null,
      metadata: null,
      requestId: null,
    })
    expect(after.token).toBeGreaterThan(lease.token)
    // What was recorded under the old token is no ground against the new one, however long ago.
    expect(refused(ledger.at(11).run(scavenge(after, { cause: 'exited' }))).code).toBe('still-held')
  })

  test.each([
    { how: 'expiry', at: 12, evidence: undefined, options: {}, drains: false },
    { how: 'death', at: 4, evidence: probed([P, dead()]), options: {}, drains: false },
    { how: 'force', at: 4, evidence: undefined, options: { force: true }, drains: true },
  ])('on $how leaves a draining entry: $drains', ({ at, evidence, options, drains }) => {
    const { ledger, lease } = bound()
    adopted(ledger.at(at).run(adopt(lease, 'B', options), evidence))
    expect([...ledger.state.draining.live(at)]).toHaveLength(drains ? 1 : 0)
  })

  test('without a ground is refused with the time of expiry; without a lease it is not held; under an old token stale', () => {
    const { ledger, lease } = bound()
    const blockers = [{ leaseId: lease.leaseId, token: lease.token, code: 'still-held', until: 12 }]
    for (const command of [adopt(lease, 'B'), scavenge(lease)]) {
      expect(refused(ledger.at(3).run(command))).toMatchObject({ code: 'still-held', expiresAt: 12, blockers })
    }
    const taken = adopted(ledger.run(adopt(lease, 'B', { force: true })))
    expect(ledger.run(adopt(lease, 'C', { force: true }))).toEqual({ outcome: 'stale-token', tokens: [taken.token] })
    ledger.run(release(taken))
    expect(ledger.run(adopt(taken, 'C', { force: true }))).toEqual({ outcome: 'not-held' })
  })

  test('over running children is allowed: that is what adopting an orphan is', () => {
    const { ledger, lease } = bound({ children: [CHILD] })
    const evidence = probed([CHILD, ALIVE])
    expect(refused(ledger.at(18).run(scavenge(lease), evidence)).code).toBe('orphan-alive')
    adopted(ledger.run(adopt(lease, 'B'), evidence))
  })
})

describe('a claim of a reaper', () => {
  const exit = { code: 7, signal: null }

  function claimed(options: { reap?: 'required' } = {}): { ledger: CoreLedger; claim: Lease } {
    const { ledger, lease } = bound(options)
    ledger.at(1).run(beat(lease, { exit }))
    return { ledger, claim: adopted(ledger.at(6).run(adopt(lease, 'R', { claim: { cause: 'exited' } }))) }
  }

  test('rests on its own cause', () => {
    const { ledger, lease } = bound()
    ledger.at(1).run(beat(lease, { exit }))
    expect(refused(ledger.at(6).run(adopt(lease, 'R', { claim: { cause: 'process-dead' } }))).code).toBe('still-held')
    expect(refused(ledger.run(adopt(lease, 'R', { claim: { cause: 'manual' } }))).code).toBe('still-held')
    expect(adopted(ledger.run(adopt(lease, 'R', { force: true, claim: { cause: 'manual' } }))).claim?.cause).toBe(
      'manual',
    )
  })

  test('is taken over on expiry, on a dead reaper, or by an operator, and by nothing else; the key stays', () => {
    const { ledger, claim } = claimed()
    expect(claim.claim).toEqual({ key: claim.token, cause: 'exited', exit, attempt: 1 })
    for (const cause of ['exited', 'age-ceiling'] as const) {
      ledger.run(beat(claim, { exit }))
      refused(ledger.at(ledger.nowMs + 8).run(adopt(claim, 'R2', { claim: { cause } })))
      refused(ledger.run(scavenge(claim, { cause })))
    }
    const next = adopted(ledger.run(adopt(claim, 'R2', { force: true, claim: { cause: 'manual' } })))
    expect(next.claim).toEqual(claim.claim)
    const third = adopted(ledger.at(ledger.nowMs + 12).run(adopt(next, 'R3', { claim: { cause: 'exited' } })))
    expect(third.claim).toEqual(claim.claim)
  })

  test('is taken over when its reaper is dead', () => {
    const { ledger, lease } = bound()
    ledger.at(1).run(beat(lease, { exit }))
    const reaper = processOf(3)
    const first = adopted(ledger.at(6).run(adopt(lease, 'R', { process: reaper, claim: { cause: 'exited' } })))
    refused(ledger.at(9).run(adopt(first, 'R2', { claim: { cause: 'exited' } }), probed([reaper, dead()])))
    const second = adopted(
      ledger.at(10).run(adopt(first, 'R2', { claim: { cause: 'exited' } }), probed([reaper, dead()])),
    )
    expect(second.claim).toEqual(first.claim)
  })

  test('is closed by its holder with the cause of the claim, and nothing drains but what drained before', () => {
    const { ledger, claim } = claimed({ reap: 'required' })
    expect(refused(ledger.run(scavenge(claim))).code).toBe('awaiting-reap')
    expect(refused(ledger.run(scavenge(claim, { holder: 'S' }))).code).toBe('awaiting-reap')
    const closed = expectOutcome(
      ledger.run(scavenge(claim, { holder: 'R', disposition: 'failed', effect: 'ran' })),
      'scavenged',
    )
    expect(closed.drainsUntilMs).toBeNull()
    expect(ledger.log.at(-1)).toMatchObject({ data: { cause: 'exited', forced: false, evidence: { effect: 'ran' } } })
    expect([...ledger.state.draining.live(ledger.nowMs)].map(([, { token }]) => token)).toEqual([1])
  })

  test('on a required lease does not end in a release, which would skip the effect without a word', () => {
    const { ledger, claim } = claimed({ reap: 'required' })
    expect(refused(ledger.run(release(claim)))).toMatchObject({ code: 'awaiting-reap' })
  })

  test('is not lost to somebody who adopts without one', () => {
    const { ledger, claim } = claimed({ reap: 'required' })
    const late = ledger.at(18)
    expect(refused(late.run(adopt(claim, 'B'))).code).toBe('awaiting-reap')
    expect(adopted(late.run(adopt(claim, 'B', { force: true }))).claim).toBeNull()
  })
})

describe('a required lease', () => {
  test('is released by its holder while there is no exit, and left to the reaper after', () => {
    const { ledger, lease } = bound({ reap: 'required' })
    ledger.run(beat(lease, { exit: { code: 0, signal: null } }))
    const answer = refused(ledger.run(release(lease)))
    expect(answer).toMatchObject({ code: 'awaiting-reap', blockers: [{ leaseId: lease.leaseId, token: lease.token }] })
    expect(answer.reason).toContain('a reaper has to act on first')
    const request = { op: 'release', holder: lease.holder, leaseId: lease.leaseId, token: lease.token }
    expect(ledger.log.at(-1)).toMatchObject({ type: 'REFUSE', data: { request } })
    const other = granted(ledger.run(acquire('y', 'A', { reap: 'required' })))
    expectOutcome(ledger.run(release(other)), 'released')
  })

  test('does not lose its exit to somebody who adopts it without a claim', () => {
    const { ledger, lease } = bound({ reap: 'required' })
    ledger.run(beat(lease, { exit: { code: 0, signal: null } }))
    const answer = refused(ledger.at(20).run(adopt(lease, 'B')))
    expect(answer.code).toBe('awaiting-reap')
    expect(answer.earliestRetryAt).toBeUndefined()
    expect(ledger.state.leases.get(lease.leaseId)?.exit?.status.code).toBe(0)
  })

  test('without an exit may change hands: an orphan is adopted and goes on', () => {
    const { ledger, lease } = bound({ reap: 'required' })
    expect(adopted(ledger.at(12).run(adopt(lease, 'B'))).reap).toBe('required')
  })

  test('is ended by an operator, who skips the effect on the record', () => {
    const { ledger, lease } = bound({ reap: 'required' })
    const ended = expectOutcome(ledger.at(1).run(scavenge(lease, { force: true })), 'scavenged')
    expect(ended.drainsUntilMs).toBe(12)
    expect(ledger.log.at(-1)).toMatchObject({
      data: { forced: true, cause: 'manual', evidence: { effect: 'skipped' } },
    })
  })
})

describe('eviction', () => {
  test('for an exit that is final is not by force, and drains: who recorded it may still run', () => {
    const { ledger, lease } = bound()
    ledger.at(1).run(beat(lease, { exit: { code: 1, signal: null } }))
    expect(refused(ledger.at(5).run(scavenge(lease))).code).toBe('still-held')
    expect(expectOutcome(ledger.at(6).run(scavenge(lease)), 'scavenged').drainsUntilMs).toBe(13)
    expect(ledger.log.at(-1)).toMatchObject({ data: { cause: 'exited', forced: false } })
  })

  test('says what it rests on: the clock, the last beat, what the probes found', () => {
    const { ledger, lease } = bound({ children: [CHILD] })
    ledger.at(1).run(beat(lease))
    const evidence = probed([P, dead(3)], [CHILD, dead(2)])
    expectOutcome(ledger.at(5).run(scavenge(lease), evidence), 'scavenged')
    const rests = { nowMs: 5, expiresAt: 13, lastBeatAt: 1, process: 'dead', consecutiveProbes: 2, children: ['dead'] }
    expect(ledger.log.at(-1)).toMatchObject({ data: { cause: 'process-dead', evidence: rests } })
  })

  test('names the ground it stands on, and can be asked for one', () => {
    const { ledger, lease } = bound()
    expect(refused(ledger.at(12).run(scavenge(lease, { cause: 'exited' }))).code).toBe('still-held')
    expectOutcome(ledger.run(scavenge(lease, { cause: 'expired' })), 'scavenged')
    expect(ledger.log.at(-1)).toMatchObject({ data: { cause: 'expired', forced: false } })
  })

  test('over the age ceiling is force, has to be asked for, and drains', () => {
    const { ledger, lease } = bound()
    for (const ms of [8, 16, 24, 30]) ledger.at(ms).run(beat(lease))
    refused(ledger.at(31).run(scavenge(lease)))
    expect(expectOutcome(ledger.run(scavenge(lease, { cause: 'age-ceiling' })), 'scavenged').drainsUntilMs).toBe(42)
  })

  test('for a retry gives the next ACQUIRE of that lane and run the next attempt', () => {
    const ledger = new CoreLedger()
    const asks = () => granted(ledger.run(acquire('x', 'A', { runId: 'run', maxAttempts: 3 })))
    const first = asks()
    ledger.at(12).run(scavenge(first, { disposition: 'retry' }))
    expect(granted(ledger.run(acquire('y', 'A', { runId: 'run' }))).attempt).toBe(1)
    const second = asks()
    expect([first.attempt, second.attempt]).toEqual([1, 2])
    ledger.run(release(second))
    expect(asks().attempt).toBe(1)
  })

  test.each(['none', 'done', 'failed'] as const)('with the disposition %s begins no next attempt', disposition => {
    const ledger = new CoreLedger()
    const asks = () => granted(ledger.run(acquire('x', 'A', { runId: 'run', maxAttempts: 3 })))
    ledger.at(12).run(scavenge(asks(), { disposition, force: true }))
    expect(granted(ledger.at(24).run(acquire('x', 'A', { runId: 'run' }))).attempt).toBe(1)
  })

  test('for a retry of no run is remembered for nobody', () => {
    const ledger = new CoreLedger()
    ledger.run(scavenge(granted(ledger.run(acquire('x', 'A'))), { disposition: 'retry', force: true }))
    expect([...ledger.state.attempts.kept(0)]).toEqual([])
  })

  test('by a beat that came late finds the lease held again', () => {
    const { ledger, lease } = bound()
    ledger.at(14).run(beat(lease))
    expect(refused(ledger.run(scavenge(lease))).expiresAt).toBe(26)
    expect(refused(ledger.run(acquire('x', 'B'))).earliestRetryAt).toBe(26)
  })
})

describe('an eviction on expiry that is recorded before the lease has expired', () => {
  test('opens nothing: whoever forged it, or had another clock, the holder may believe until then', () => {
    const { ledger, lease } = bound()
    ledger.at(12).run(scavenge(lease))
    const log = ledger.log.map(entry => (entry.type === 'SCAVENGE' ? { ...entry, recordedAt: atMs(11) } : entry))
    const early = new CoreLedger({ log })
    expect(refused(early.at(11).run(acquire('x', 'B')))).toMatchObject({ code: 'draining' })
    expect(early.at(12).run(acquire('x', 'B'))).toMatchObject({ outcome: 'granted' })
    expect(ledger.run(acquire('x', 'B'))).toMatchObject({ outcome: 'granted' })
  })
})
