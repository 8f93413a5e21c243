import * as fc from 'fast-check'
import { LivenessInput, HealthInput, PresenceInput, ReapInput } from '../../packages/core/src/verdict/index.ts'

/** Few values, chosen around the limits below, so that every comparison is met exactly, from both sides. */
const age = (): fc.Arbitrary<number> => fc.constantFrom(-1, 0, 1, 9, 10, 11, 99, 100, 101)
const limit = (): fc.Arbitrary<number> => fc.constantFrom(0, 10, 100)
export const someStatus = (): fc.Arbitrary<'alive' | 'dead' | 'unknown'> => fc.constantFrom('alive', 'dead', 'unknown')

export const someLiveness = (): fc.Arbitrary<LivenessInput> =>
  fc
    .record({
      evidence: fc.record({
        runStartedMs: fc.constantFrom(0, 900, 1000),
        nowMs: fc.constant(1000),
        commitsSinceStart: fc.constantFrom(0, 0, 1),
        workEventsSinceStart: fc.constantFrom(0, 0, 1),
        heartbeatAgeMs: fc.option(age()),
        processAlive: fc.option(fc.boolean()),
      }),
      policy: fc.record({ graceMs: limit(), spinMs: limit() }),
    })
    .map(input => LivenessInput.parse(input))

export const someHealth = (): fc.Arbitrary<HealthInput> =>
  fc
    .record({
      heartbeatAgeMs: fc.option(age()),
      activity: fc.constantFrom('seen', 'quiet', 'unknown'),
      policy: fc.constantFrom({ stallMs: 0, ttlMs: 0 }, { stallMs: 10, ttlMs: 100 }, { stallMs: 100, ttlMs: 100 }),
    })
    .map(input => HealthInput.parse(input))

export const somePresence = (): fc.Arbitrary<PresenceInput> =>
  fc
    .record({ ageMs: age(), process: someStatus(), torn: fc.boolean(), policy: fc.record({ staleMs: limit() }) })
    .map(input => PresenceInput.parse(input))

export const someReap = (): fc.Arbitrary<ReapInput> =>
  fc
    .record({
      lease: fc.record({
        token: fc.constant(7),
        bound: fc.boolean(),
        lastBeatAgeMs: age(),
        graceMs: limit(),
        exit: fc.option(
          fc.record({ code: fc.constantFrom(0, 1, null), signal: fc.constantFrom(null, 'SIGKILL'), ageMs: age() }),
        ),
        ownedForMs: fc.constantFrom(0, 100, 1000, 1001),
        expired: fc.boolean(),
        orphanGraceOver: fc.boolean(),
        children: fc.nat({ max: 2 }),
        reap: fc.constantFrom('optional', 'required'),
        attempt: fc.constantFrom(1, 2),
        maxAttempts: fc.constantFrom(1, 2),
        claim: fc.option(
          fc.record({
            key: fc.constant(5),
            cause: fc.constantFrom('expired', 'exited'),
            exit: fc.constantFrom({ code: 0, signal: null }, { code: 1, signal: null }),
            attempt: fc.constantFrom(1, 2, 3),
          }),
        ),
        alreadyAdvanced: fc.boolean(),
      }),
      evidence: fc.record({
        nowMs: fc.constantFrom(0, 1000, 1010, 2000),
        process: someStatus(),
        children: fc.array(someStatus(), { maxLength: 2 }),
        gate: fc.constantFrom('green', 'red', 'unknown', 'not-run', 'none'),
        spinning: fc.constantFrom(false, false, false, true),
      }),
      streak: fc.option(
        fc.record({ token: fc.constantFrom(7, 7, 6), deadTicks: fc.constantFrom(1, 2, 3), atMs: fc.constant(1000) }),
      ),
      policy: fc.record({
        probeCount: fc.constantFrom(2, 3),
        maxTickGapMs: fc.constant(100),
        finalisationGraceMs: limit(),
        ageCeilingMs: fc.constant(1000),
        effectAttempts: fc.constantFrom(1, 3),
        hasEffect: fc.boolean(),
      }),
    })
    .map(input => ReapInput.parse(input))
