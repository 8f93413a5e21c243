import { decide, type LedgerState, type OwnClock } from '@holdfast/core'
import { NOTHING_WATCHED } from '@holdfast/core/internal'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ALIVE, atMs, dead, probed, processOf } from './harness/alphabet.ts'
import { acquire, acquireAll, adopt, beat, scavenge } from './harness/commands.ts'
import { CoreLedger, type Deciding } from './harness/core-ledger.ts'
import { granted, refused } from './harness/outcomes.ts'
import { expectCaught, runs } from './harness/properties.ts'
import { expectGot } from './harness/retried.ts'
import { play, RICH, steps, type Played } from './harness/steps.ts'

function expectTrue({ command, evidence, outcome }: Played, state: LedgerState, ownClock?: OwnClock): void {
  if (outcome.outcome !== 'refused' || outcome.earliestRetryAt === undefined) return
  expectGot(state, command, { nowMs: outcome.earliestRetryAt, ownClock, evidence })
}

const retries = (deciding: Deciding, ownClock?: OwnClock) =>
  fc.property(steps(), script => {
    const ledger = new CoreLedger({ config: RICH, decide: deciding })
    for (let length = 1; length <= script.length; length += 1) {
      // Played step by step: each refusal is tried out on the state that it was answered on.
      const [played] = play(ledger, script.slice(length - 1, length))
      if (played !== undefined) expectTrue(played, ledger.state, ownClock)
    }
  })

/** A crowd for one lane that mostly waits, and asks again early, late or not at all. */
const crowd = fc.array(
  fc.record({
    waitMs: fc.constantFrom(0, 1, 2, 3, 5),
    holder: fc.constantFrom('A', 'B', 'C', 'D'),
    mode: fc.constantFrom('exclusive', 'exclusive', 'shared'),
    kind: fc.constantFrom('big', undefined),
    lane: fc.constantFrom('x', 'x', 'deploy'),
    wait: fc.constantFrom(true, true, true, false),
  }),
  { minLength: 4, maxLength: 25, size: 'max' },
)

const crowded = (deciding: Deciding) =>
  fc.property(crowd, visits => {
    const ledger = new CoreLedger({ config: { ...RICH, requestMemoryMs: 0 }, decide: deciding })
    for (const { waitMs, lane, holder, kind, ...options } of visits) {
      const kinds = kind === undefined ? {} : { kind }
      const command = acquire(lane, holder, { requestId: lane, ...kinds, ...options })
      const outcome = ledger.at(ledger.nowMs + waitMs).run(command)
      expectTrue({ command, evidence: {}, outcome }, ledger.state)
    }
  })

describe('earliestRetryAt is true: a retry then is granted if nothing else happens', () => {
  test('for every refusal of any history', () => {
    fc.assert(retries(decide), runs(300))
  })

  test('for one who has watched nothing, where the log clock can step', () => {
    const newcomer: Deciding = (state, command, around) =>
      decide(state, command, { ...around, ownClock: NOTHING_WATCHED })
    fc.assert(retries(newcomer, NOTHING_WATCHED), runs(200))
  })

  test('for every refusal of a crowd that waits', () => {
    fc.assert(crowded(decide), runs(150))
  })

  test('one whose place is over before the way is free is promised nothing before those who came later', () => {
    const ledger = new CoreLedger()
    granted(ledger.run(acquire('x', 'A')))
    const asks = (holder: string, wait = true) => ledger.run(acquire('x', holder, { requestId: 'w', wait }))
    expect(refused(asks('B')).earliestRetryAt).toBe(12)
    expect(refused(ledger.at(3).run(acquire('x', 'C', { requestId: 'w', wait: true }))).earliestRetryAt).toBe(12)
    // B's place is over at 10 and C's at 13, the lease at 12.
    expect([refused(asks('B')), refused(asks('B', false))].map(({ earliestRetryAt }) => earliestRetryAt)).toEqual([
      13, 13,
    ])
    // A refreshed place lasts until 15.
    expect(refused(ledger.at(5).run(acquire('x', 'B', { requestId: 'w', wait: true }))).earliestRetryAt).toBe(12)
    granted(ledger.at(12).run(acquire('x', 'B', { requestId: 'w', wait: true })))
  })

  test('mutant: a decider that looks at what is in the way today alone is caught', () => {
    const shortSighted: Deciding = (state, command, around) => {
      const decision = decide(state, command, around)
      if (decision.kind !== 'final' || decision.outcome.outcome !== 'refused') return decision
      const { earliestRetryAt, ...outcome } = decision.outcome
      const ends = outcome.blockers.flatMap(({ until }) => (until === undefined ? [] : [until]))
      const early = earliestRetryAt === undefined ? {} : { earliestRetryAt: atMs(Math.max(...ends)) }
      return { ...decision, outcome: { ...outcome, ...early } }
    }
    expectCaught(crowded(shortSighted))
  })

  test('mutant: a decider that promises a millisecond too early is caught', () => {
    const early: Deciding = (state, command, around) => {
      const decision = decide(state, command, around)
      if (decision.kind !== 'final' || decision.outcome.outcome !== 'refused') return decision
      const { earliestRetryAt, ...outcome } = decision.outcome
      const early = earliestRetryAt === undefined ? {} : { earliestRetryAt: atMs(earliestRetryAt - 1) }
      return { ...decision, outcome: { ...outcome, ...early } }
    }
    expectCaught(retries(early))
  })

  test('each blocker says until when it is one, as far as time alone tells', () => {
    const ledger = new CoreLedger()
    granted(ledger.run(acquire('x', 'A', { mode: 'shared' })))
    granted(ledger.at(1).run(acquire('x', 'R', { mode: 'shared', reap: 'required' })))
    const forced = granted(ledger.at(2).run(acquire('x', 'F', { mode: 'shared' })))
    ledger.run(scavenge(forced, { force: true }))
    refused(ledger.at(3).run(acquire('x', 'W', { requestId: 'w', wait: true })))
    const { blockers, earliestRetryAt } = refused(ledger.run(acquire('x', 'B')))
    expect(blockers.map(({ code, until }) => [code, until])).toEqual([
      ['lane-held', 12],
      ['lane-held', undefined],
      ['draining', 14],
      ['queued-behind', 13],
    ])
    expect(earliestRetryAt).toBeUndefined()
  })

  test('a child that is known to run makes no promise, before the expiry and after it', () => {
    const ledger = new CoreLedger()
    granted(ledger.run(acquire('x', 'A', { children: [processOf(10)] })))
    const evidence = probed([processOf(10), ALIVE])
    for (const [ms, code] of [
      [1, 'lane-held'],
      [12, 'orphan-alive'],
      [40, 'orphan-alive'],
    ] as const) {
      const answer = refused(ledger.at(ms).run(acquire('x', 'B'), evidence))
      expect(answer.code).toBe(code)
      expect(answer.earliestRetryAt).toBeUndefined()
    }
  })

  test('an unknown child delays the promise by the orphan grace', () => {
    const ledger = new CoreLedger()
    granted(ledger.run(acquire('x', 'A', { children: [processOf(10)] })))
    expect(refused(ledger.at(13).run(acquire('x', 'B'))).earliestRetryAt).toBe(18)
    granted(ledger.run(acquire('x', 'B'), probed([processOf(10), dead()])))
  })

  test('an adoption for a cause is promised for that cause only', () => {
    const ledger = new CoreLedger()
    const lease = granted(ledger.run(acquire('x', 'A')))
    const asked = (cause: 'expired' | 'exited' | 'age-ceiling' | 'process-dead' | 'manual') =>
      refused(ledger.run(adopt(lease, 'R', { claim: { cause } }))).earliestRetryAt
    expect([asked('expired'), asked('exited'), asked('age-ceiling')]).toEqual([12, undefined, 31])
    expect([asked('process-dead'), asked('manual')]).toEqual([undefined, undefined])
    ledger.at(1).run(beat(lease, { exit: { code: 0, signal: null } }))
    expect([asked('expired'), asked('exited')]).toEqual([13, 6])
    expect(refused(ledger.run(adopt(lease, 'R'))).earliestRetryAt).toBe(6)
    expect(refused(ledger.run(scavenge(lease, { cause: 'expired' }))).earliestRetryAt).toBe(13)
    expect(refused(ledger.run(scavenge(lease))).earliestRetryAt).toBe(6)
  })

  test('anyOf promises its first claim to come free, allOf promises nothing', () => {
    const ledger = new CoreLedger()
    granted(ledger.run(acquire('x', 'A')))
    granted(ledger.at(2).run(acquire('y', 'A')))
    const claims = [{ lane: 'y' }, { lane: 'x' }]
    expect(refused(ledger.run(acquireAll('any', claims, 'B'))).earliestRetryAt).toBe(12)
    expect(refused(ledger.run(acquireAll('all', claims, 'B'))).earliestRetryAt).toBeUndefined()
  })
})
