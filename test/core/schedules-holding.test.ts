import { drainsOver, type Lease, type Token } from '@holdfast/core'
import { expect, test } from 'vitest'
import { processOf, SMALL } from './harness/alphabet.ts'
import { acquire, adopt, beat, configure, release, scavenge } from './harness/commands.ts'
import type { CoreLedger } from './harness/core-ledger.ts'
import { adopted, beaten, expectOutcome, granted, refused } from './harness/outcomes.ts'
import { schedules } from './harness/schedule.ts'

// Schedules 4 to 14 of docs/schedules.md: what a holder was promised, and what it may still believe.

const ACTIVE = { label: 'build', expectedMs: 30 }

function drainTokens(ledger: CoreLedger, lease: Lease): Token[] {
  return drainsOver(ledger.state, lease, ledger.nowMs).map(({ token }) => token)
}

schedules(({ ledger: open }) => {
  test.each([
    { how: 'a plain beat', later: {} },
    { how: 'an exit beat', later: { exit: { code: 0, signal: null } } },
    { how: 'a shorter activity', later: { activity: { label: 'rest', expectedMs: 1 } } },
  ])('$how after an announced activity leaves expiresAt where it was (schedule 4)', ({ later }) => {
    const ledger = open()
    const lease = granted(ledger.run(acquire('x', 'A')))
    const active = beaten(ledger.at(1).run(beat(lease, { activity: ACTIVE })))
    expect(active.expiresAtMs).toBe(34)
    expect(beaten(ledger.at(2).run(beat(lease, later))).expiresAtMs).toBe(34)
    expect(refused(ledger.at(33).run(acquire('x', 'B'))).earliestRetryAt).toBe(34)
    granted(ledger.at(34).run(acquire('x', 'B')))
  })

  test('an older beat that lands late takes nothing from an announced activity (schedule 4)', () => {
    const ledger = open()
    const lease = granted(ledger.run(acquire('x', 'A')))
    ledger.at(1).run(beat(lease, { activity: ACTIVE }))
    const { lane, leaseId, token } = lease
    ledger.at(5).append({ type: 'HEARTBEAT', data: { lane, leaseId, token, reason: 'sent at 0' } })
    expect(ledger.state.leases.get(leaseId)?.expiresAtMs).toBe(34)
    refused(ledger.at(33).run(acquire('x', 'B')))
  })

  test('an activity granted under a higher cap stands when the cap is lowered (schedule 5)', () => {
    const ledger = open()
    const lease = granted(ledger.run(acquire('x', 'A')))
    expect(beaten(ledger.at(1).run(beat(lease, { activity: { label: 'long', expectedMs: 100 } }))).expiresAtMs).toBe(44)
    ledger.at(2).run(configure({ ...SMALL, activityCapMs: 10 }))
    expect(beaten(ledger.at(3).run(beat(lease, { activity: { label: 'long', expectedMs: 100 } }))).expiresAtMs).toBe(44)
    refused(ledger.at(43).run(acquire('x', 'B')))
    granted(ledger.at(44).run(acquire('x', 'B')))
  })

  test('a restarted process never gets the grant of its predecessor (schedule 6)', () => {
    const ledger = open()
    const first = granted(ledger.run(acquire('x', 'A', { requestId: 'r', process: processOf(1) })))
    const restarted = () => ledger.run(acquire('x', 'A', { requestId: 'r', process: processOf(2) }))
    expect(refused(ledger.at(1) && restarted())).toMatchObject({
      code: 'held-by-self',
      blockers: [{ token: first.token }],
    })
    ledger.at(12)
    expect(restarted()).toMatchObject({ outcome: 'ended', how: 'expired', token: first.token })
    granted(ledger.run(acquire('x', 'B')))
    expect(restarted()).toMatchObject({ outcome: 'ended', how: 'evicted', token: first.token })
  })

  test('a request repeated after its expiry has ended, whether or not somebody else came (schedule 7)', () => {
    const ledger = open()
    const first = granted(ledger.run(acquire('x', 'A', { requestId: 'r' })))
    expect(ledger.at(13).run(acquire('x', 'A', { requestId: 'r' }))).toMatchObject({ outcome: 'ended', how: 'expired' })
    const second = granted(ledger.run(acquire('x', 'B')))
    expect(second.token).toBeGreaterThan(first.token)
    expect(ledger.run(acquire('x', 'A', { requestId: 'r' }))).toMatchObject({ outcome: 'ended', how: 'evicted' })
  })

  test('a guard waits for everyone who was forced out before it, not only for the last (schedule 8)', () => {
    const ledger = open()
    const a = granted(ledger.run(acquire('x', 'A')))
    ledger.at(1).run(beat(a, { activity: ACTIVE }))
    const b = adopted(ledger.at(2).run(adopt(a, 'B', { force: true })))
    expect(drainTokens(ledger, b)).toEqual([a.token])
    const c = adopted(ledger.at(14).run(adopt(b, 'C')))
    expect(drainTokens(ledger, c)).toEqual([a.token])
    expect(drainTokens(ledger.at(33), c)).toEqual([a.token])
    expect(drainTokens(ledger.at(34), c)).toEqual([])
  })

  test('the one who was forced out opens the guard by releasing under the old token (schedule 8)', () => {
    const ledger = open()
    const a = granted(ledger.run(acquire('x', 'A')))
    const b = adopted(ledger.at(2).run(adopt(a, 'B', { force: true })))
    expectOutcome(ledger.at(3).run(release({ ...a, holder: b.holder })), 'stale-token')
    expect(drainTokens(ledger, b)).toEqual([a.token])
    expectOutcome(ledger.run(release(a)), 'drained')
    expect(drainTokens(ledger, b)).toEqual([])
    expect(ledger.state.leases.get(b.leaseId)?.token).toBe(b.token)
  })

  test('a claim on a recorded exit drains what the holder had by its beats (schedule 9)', () => {
    const ledger = open()
    const a = granted(ledger.run(acquire('x', 'A')))
    ledger.at(1).run(beat(a, { exit: { code: 1, signal: null } }))
    ledger.at(5).run(beat(a))
    const claim = adopted(ledger.at(6).run(adopt(a, 'R', { claim: { cause: 'exited' } })))
    expect(claim.claim).toMatchObject({ cause: 'exited', exit: { code: 1 }, key: claim.token })
    expect(drainTokens(ledger.at(16), claim)).toEqual([a.token])
    expect(drainTokens(ledger.at(17), claim)).toEqual([])
  })

  test('what was taken by force is draining for an exclusive lane too (schedule 10)', () => {
    const ledger = open({ exclusiveLanes: ['deploy'] })
    const a = granted(ledger.run(acquire('api', 'A')))
    expectOutcome(ledger.at(1).run(scavenge(a, { force: true })), 'scavenged')
    expect(refused(ledger.run(acquire('deploy', 'B')))).toMatchObject({ code: 'draining', earliestRetryAt: 12 })
    refused(ledger.at(11).run(acquire('deploy', 'B')))
    granted(ledger.at(12).run(acquire('deploy', 'B')))
  })

  test('what was taken by force keeps its share of a budget (schedule 10)', () => {
    const ledger = open({ kinds: { big: { budget: 1 } } })
    const a = granted(ledger.run(acquire('a', 'A', { kind: 'big' })))
    ledger.at(1).run(scavenge(a, { force: true }))
    expect(refused(ledger.run(acquire('b', 'B', { kind: 'big' })))).toMatchObject({
      code: 'draining',
      earliestRetryAt: 12,
    })
    granted(ledger.at(12).run(acquire('b', 'B', { kind: 'big' })))
  })

  test('an exit recorded under an earlier token is no ground against the claim (schedule 11)', () => {
    const ledger = open()
    const a = granted(ledger.run(acquire('x', 'A')))
    ledger.run(beat(a, { exit: { code: 0, signal: null } }))
    const r1 = adopted(ledger.at(5).run(adopt(a, 'R1', { claim: { cause: 'exited' } })))
    for (const ms of [6, 10, 16]) {
      expect(refused(ledger.at(ms).run(adopt(r1, 'R2', { claim: { cause: 'exited' } }))).code).toBe('still-held')
      expect(refused(ledger.run(scavenge(r1, { cause: 'exited' }))).code).toBe('still-held')
    }
  })

  test('reapers under the age ceiling do not take turns (schedule 12)', () => {
    const ledger = open()
    const a = granted(ledger.run(acquire('x', 'A')))
    for (const ms of [8, 16, 24, 30]) ledger.at(ms).run(beat(a))
    refused(ledger.run(adopt(a, 'R1', { claim: { cause: 'age-ceiling' } })))
    const r1 = adopted(ledger.at(31).run(adopt(a, 'R1', { claim: { cause: 'age-ceiling' } })))
    expect(r1.ownedSinceMs).toBe(31)
    for (let ms = 32; ms < 80; ms += 8) {
      refused(ledger.at(ms).run(adopt(r1, 'R2', { claim: { cause: 'age-ceiling' } })))
      refused(ledger.run(scavenge(r1, { cause: 'age-ceiling' })))
      ledger.run(beat(r1))
    }
    const { lastBeatAtMs } = ledger.state.leases.get(r1.leaseId) ?? r1
    adopted(ledger.at(lastBeatAtMs + 12).run(adopt(r1, 'R2', { claim: { cause: 'expired' } })))
  })

  test('the next claimer copies key, cause, exit and attempt (schedule 13)', () => {
    const ledger = open()
    const a = granted(ledger.run(acquire('x', 'A', { reap: 'required', runId: 'run', maxAttempts: 3 })))
    ledger.at(1).run(beat(a, { exit: { code: 7, signal: null } }))
    const r1 = adopted(ledger.at(6).run(adopt(a, 'R1', { claim: { cause: 'exited' } })))
    const r2 = adopted(ledger.at(18).run(adopt(r1, 'R2', { claim: { cause: 'expired' } })))
    expect(r2.token).toBeGreaterThan(r1.token)
    expect(r2.claim).toEqual({ key: r1.token, cause: 'exited', exit: { code: 7, signal: null }, attempt: 1 })
  })

  test('a required lease, unbound, from another host, is claimed on expiry and not before (schedule 14)', () => {
    const ledger = open()
    const a = granted(ledger.run(acquire('x', 'A', { reap: 'required', process: null })))
    refused(ledger.at(11).run(adopt(a, 'R', { claim: { cause: 'expired' } })))
    expect(refused(ledger.at(12).run(acquire('x', 'B'))).code).toBe('awaiting-reap')
    expect(refused(ledger.run(scavenge(a, { cause: 'expired' }))).code).toBe('awaiting-reap')
    const claim = adopted(ledger.run(adopt(a, 'R', { claim: { cause: 'expired' } })))
    expectOutcome(ledger.run(scavenge(claim, { holder: 'R', disposition: 'failed', effect: 'ran' })), 'scavenged')
    granted(ledger.run(acquire('x', 'B')))
  })
})
