import { describe, expect, test } from 'vitest'
import { planReap, dispositionOf } from './plan-reap.ts'
import { ReapInput, ReapPolicy } from './reap-input.ts'

const LEASE = {
  token: 7,
  bound: true,
  lastBeatAgeMs: 31_000,
  graceMs: 30_000,
  exit: null,
  ownedForMs: 60_000,
  expired: false,
  orphanGraceOver: false,
  children: 0,
  reap: 'optional',
  attempt: 1,
  maxAttempts: 1,
  claim: null,
}
const EVIDENCE = { nowMs: 10_000, process: 'dead', children: [], gate: 'none', spinning: false }
const POLICY = {
  probeCount: 2,
  maxTickGapMs: 20_000,
  finalisationGraceMs: 300_000,
  ageCeilingMs: 3_600_000,
  effectAttempts: 3,
}
const STREAK = { token: 7, deadTicks: 1, atMs: 5000 }

const input = (change: {
  readonly lease?: object
  readonly evidence?: object
  readonly policy?: object
  readonly streak?: object | null
}): ReapInput =>
  ReapInput.parse({
    lease: { ...LEASE, ...change.lease },
    evidence: { ...EVIDENCE, ...change.evidence },
    policy: { ...POLICY, ...change.policy },
    streak: change.streak === undefined ? STREAK : change.streak,
  })
const plan = (change: Parameters<typeof input>[0]): ReturnType<typeof planReap> => planReap(input(change))

const EXIT_OK = { code: 0, signal: null, ageMs: 300_001 }

describe('tier 1: a dead process', () => {
  test('the second consecutive dead tick past the grace evicts', () => {
    expect(plan({})).toMatchObject({
      verdict: 'evict',
      tier: 1,
      cause: 'process-dead',
      disposition: 'failed',
      forced: false,
    })
  })

  test.each([
    ['the first dead tick', { streak: null }, 1],
    ['a streak of another token', { streak: { ...STREAK, token: 6 } }, 1],
    ['a pause between the ticks', { evidence: { nowMs: 25_001 } }, 1],
    ['a clock that went back', { evidence: { nowMs: 4000 } }, 1],
    ['a second look in the same instant', { evidence: { nowMs: 5000 } }, 1],
    ['a beat within the grace', { lease: { lastBeatAgeMs: 30_000 } }, 2],
  ])('%s only counts', (_name, change, deadTicks) => {
    expect(plan(change)).toMatchObject({
      verdict: 'leave',
      basis: 'no-grounds',
      tier: null,
      streak: { token: 7, deadTicks },
    })
  })

  test.each([
    ['an alive process', { evidence: { process: 'alive' } }],
    ['an unknown process', { evidence: { process: 'unknown' } }],
    ['an unbound lease', { lease: { bound: false } }],
    ['a child that was not probed', { lease: { children: 1 } }],
    ['a running child', { lease: { children: 1 }, evidence: { children: ['alive'] } }],
    ['a recorded exit', { lease: { exit: { ...EXIT_OK, ageMs: 0 } } }],
  ])('%s breaks the streak', (_name, change) => {
    expect(plan(change)).toMatchObject({ verdict: 'leave', streak: null })
  })
})

describe('tier 2: a recorded exit', () => {
  test.each([
    [
      'within the finalisation grace it is left alone',
      { lease: { exit: { ...EXIT_OK, ageMs: 300_000 } } },
      { verdict: 'leave', basis: 'finalising' },
    ],
    ['exit 0 without a gate is done', { lease: { exit: EXIT_OK } }, { verdict: 'evict', disposition: 'done', tier: 2 }],
    [
      'exit 0 and a green gate is done',
      { lease: { exit: EXIT_OK }, evidence: { gate: 'green' } },
      { verdict: 'evict', disposition: 'done' },
    ],
    [
      'exit 0 and a red gate fails',
      { lease: { exit: EXIT_OK }, evidence: { gate: 'red' } },
      { verdict: 'evict', disposition: 'failed' },
    ],
    [
      'exit 0 with a gate to ask is claimed first',
      { lease: { exit: EXIT_OK }, evidence: { gate: 'not-run' } },
      { verdict: 'claim', disposition: null },
    ],
    [
      'a gate that cannot tell leaves it',
      { lease: { exit: EXIT_OK }, evidence: { gate: 'unknown' } },
      { verdict: 'leave', basis: 'gate-unknown' },
    ],
    [
      'work that moved on needs no gate',
      { lease: { exit: EXIT_OK, alreadyAdvanced: true }, evidence: { gate: 'unknown' }, policy: { hasEffect: true } },
      { verdict: 'evict', disposition: 'done', runsEffect: false },
    ],
    ['exit 1 fails', { lease: { exit: { ...EXIT_OK, code: 1 } } }, { verdict: 'evict', disposition: 'failed' }],
    [
      'exit 1 with attempts left is retried',
      { lease: { exit: { ...EXIT_OK, code: 1 }, maxAttempts: 2 } },
      { verdict: 'evict', disposition: 'retry' },
    ],
    [
      'a signal fails',
      { lease: { exit: { ...EXIT_OK, code: null, signal: 'SIGKILL' } } },
      { verdict: 'evict', disposition: 'failed' },
    ],
    [
      'an effect is claimed for',
      { lease: { exit: EXIT_OK }, policy: { hasEffect: true } },
      { verdict: 'claim', disposition: 'done', runsEffect: true },
    ],
    [
      'running children make it an adoption',
      { lease: { exit: EXIT_OK, children: 1 }, evidence: { children: ['alive'] } },
      { verdict: 'adopt', tier: 2 },
    ],
  ])('%s', (_name, change, expected) => {
    expect(plan(change)).toMatchObject(expected)
  })
})

describe('tier 3: the age ceiling', () => {
  test('it forces the end of a lease whose process nobody can judge', () => {
    const unjudged = { lease: { ownedForMs: 3_600_001 }, evidence: { process: 'unknown' } }
    expect(plan(unjudged)).toMatchObject({ verdict: 'evict', tier: 3, cause: 'age-ceiling', forced: true })
  })

  test('a gate that cannot tell does not keep a lease beyond it', () => {
    const undecided = { lease: { exit: EXIT_OK, ownedForMs: 3_600_001 }, evidence: { gate: 'unknown' } }
    expect(plan(undecided)).toMatchObject({ verdict: 'evict', tier: 3, disposition: 'failed' })
  })
})

describe('tier 4: expiry', () => {
  const EXPIRED = { expired: true, bound: false }
  test.each([
    ['an expired lease is evicted', { lease: EXPIRED }, { verdict: 'evict', tier: 4, cause: 'expired' }],
    ['children that are not known to be dead delay it', { lease: { ...EXPIRED, children: 1 } }, { verdict: 'leave' }],
    [
      'only for the orphan grace',
      { lease: { ...EXPIRED, children: 1, orphanGraceOver: true } },
      { verdict: 'evict', tier: 4 },
    ],
    [
      'dead children delay nothing',
      { lease: { ...EXPIRED, children: 1 }, evidence: { children: ['dead'] } },
      { verdict: 'evict', tier: 4 },
    ],
    [
      'running children are adopted',
      { lease: { ...EXPIRED, children: 1, orphanGraceOver: true }, evidence: { children: ['alive'] } },
      { verdict: 'adopt', tier: 4 },
    ],
  ])('%s', (_name, change, expected) => {
    expect(plan(change)).toMatchObject(expected)
  })
})

describe('claims', () => {
  const claim = { key: 5, cause: 'exited', exit: { code: 0, signal: null }, attempt: 1 }
  test('a lease whose reaping is required is left to a reaper with the effect', () => {
    expect(plan({ lease: { reap: 'required' } })).toMatchObject({ verdict: 'leave', basis: 'no-effect' })
    expect(plan({ lease: { reap: 'required' }, policy: { hasEffect: true } })).toMatchObject({
      verdict: 'claim',
      runsEffect: true,
    })
  })

  test('neither exit nor age ends a claim', () => {
    const old = { lease: { claim, exit: EXIT_OK, ownedForMs: 3_600_001 }, evidence: { process: 'alive' } }
    expect(plan(old)).toMatchObject({ verdict: 'leave', basis: 'no-grounds' })
  })

  test('the claim of a dead reaper is taken over with its own cause and exit', () => {
    const abandoned = {
      lease: { claim, expired: true },
      evidence: { process: 'unknown', gate: 'green' },
      policy: { hasEffect: true },
    }
    expect(plan(abandoned)).toMatchObject({
      verdict: 'claim',
      tier: 4,
      cause: 'exited',
      disposition: 'done',
      runsEffect: true,
    })
  })

  test.each([
    ['optional', 'evict'],
    ['required', 'claim'],
  ])('an effect that failed often enough is not started again (%s)', (reap, verdict) => {
    const evidence = { effectFailures: 3 }
    const spent = { lease: { reap, claim, expired: true }, evidence, policy: { hasEffect: true } }
    expect(plan(spent)).toMatchObject({ verdict, disposition: 'failed', runsEffect: false })
  })
})

test('a spinning run is proposed for a halt, whatever else holds', () => {
  expect(plan({ evidence: { spinning: true } })).toMatchObject({
    verdict: 'propose-halt',
    basis: 'spinning',
    tier: null,
  })
})

test('the gate decides how an exit of 0 ended', () => {
  const lease = input({ lease: { exit: EXIT_OK } }).lease
  const dispositions = (['green', 'red', 'unknown', 'not-run', 'none'] as const).map(gate =>
    dispositionOf({ lease, gate }),
  )
  expect(dispositions).toEqual(['done', 'failed', null, null, 'done'])
})

test.each([
  [{ ageCeilingMs: 300_000 }, 'ageCeilingMs must exceed finalisationGraceMs'],
  [{ probeCount: 1 }, 'probeCount must be at least 2'],
])('a policy that contradicts itself says how: %j', (change, message) => {
  const parsed = ReapPolicy.safeParse({ ...POLICY, ...change })
  expect(parsed.error?.message).toContain(message)
})
