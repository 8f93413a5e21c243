import { expect, test } from 'vitest'
import { health, liveness, planReap, presence } from '../../packages/core/src/verdict/index.ts'
import { SAFE_DIRECTIONS, type Judges } from './safe-direction.ts'

const RUNS = 2000
/** A mutant may show only on a rare input; the first one ends the search. */
const MUTANT_RUNS = 50_000
const judges: Judges = { liveness, health, presence, planReap }

test.each(Object.entries(SAFE_DIRECTIONS))('%s', (_name, law) => {
  expect(law(judges, RUNS)).toBe(true)
})

const seenAsDead = <Status extends string>(status: Status): Status | 'dead' => (status === 'unknown' ? 'dead' : status)

/** Deliberately wrong judgements, each with the law that must notice. */
const MUTANTS: readonly (readonly [law: string, mutant: string, judges: Judges])[] = [
  [
    'unknown never reaps',
    'an unknown process counts as dead',
    {
      ...judges,
      planReap: input =>
        planReap({ ...input, evidence: { ...input.evidence, process: seenAsDead(input.evidence.process) } }),
    },
  ],
  [
    'unknown never reaps',
    'children that were not probed count as dead',
    { ...judges, planReap: input => planReap({ ...input, lease: { ...input.lease, children: 0 } }) },
  ],
  [
    'unknown never reaps',
    'an unknown process orphans its file',
    { ...judges, presence: input => presence({ ...input, process: seenAsDead(input.process) }) },
  ],
  [
    'a dead process only demotes',
    'a dead process saves a silent run',
    {
      ...judges,
      liveness: input =>
        input.evidence.processAlive === false ? { ...liveness(input), verdict: 'ADVANCING' } : liveness(input),
    },
  ],
  [
    'a dead process only demotes',
    'alive and dead are mixed up',
    {
      ...judges,
      presence: input => presence({ ...input, process: input.process === 'alive' ? 'dead' : 'alive' }),
    },
  ],
  [
    'a beat from the future is not fresh',
    'the age is taken without its sign',
    {
      ...judges,
      health: input =>
        health({ ...input, heartbeatAgeMs: input.heartbeatAgeMs === null ? null : Math.abs(input.heartbeatAgeMs) }),
    },
  ],
  [
    'a beat from the future is not fresh',
    'only old files are stale',
    { ...judges, presence: input => presence({ ...input, ageMs: Math.max(0, input.ageMs) }) },
  ],
  [
    'more evidence of life never makes a verdict worse',
    'running children do not matter',
    {
      ...judges,
      planReap: input =>
        planReap({ ...input, evidence: { ...input.evidence, children: input.evidence.children.map(() => 'dead') } }),
    },
  ],
  [
    'more evidence of life never makes a verdict worse',
    'a fresh beat makes a run spin',
    {
      ...judges,
      liveness: input =>
        input.evidence.heartbeatAgeMs === 0 ? { ...liveness(input), verdict: 'SPINNING' } : liveness(input),
    },
  ],
  [
    'a spinning run is never ended',
    'spinning is looked at last',
    {
      ...judges,
      planReap: input => {
        const calm = planReap({ ...input, evidence: { ...input.evidence, spinning: false } })
        return calm.verdict === 'leave' ? planReap(input) : calm
      },
    },
  ],
  [
    'a streak needs an unbroken watch under one token',
    'a paused reaper keeps counting',
    { ...judges, planReap: input => planReap({ ...input, policy: { ...input.policy, maxTickGapMs: 1_000_000 } }) },
  ],
  [
    'a streak needs an unbroken watch under one token',
    'a new token keeps the streak of the old one',
    {
      ...judges,
      planReap: input =>
        planReap({ ...input, streak: input.streak === null ? null : { ...input.streak, token: input.lease.token } }),
    },
  ],
]

test.each(MUTANTS)('%s: it catches a planted mutant: %s', (law, _mutant, wrong) => {
  expect(SAFE_DIRECTIONS[law]?.(wrong, MUTANT_RUNS)).toBe(false)
})
