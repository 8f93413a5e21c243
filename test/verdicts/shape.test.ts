import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { health, liveness, planReap, presence, type Judgement } from '../../packages/core/src/verdict/index.ts'
import { someHealth, someLiveness, somePresence, someReap } from './arbitraries.ts'

const RUNS = 500

/** Whoever writes to it or to anything in it throws. */
function frozen<T>(value: T): T {
  for (const part of typeof value === 'object' && value !== null ? Object.values(value) : []) frozen(part)
  return Object.freeze(value)
}

const answersInFull = <I>(inputs: fc.Arbitrary<I>, judge: (input: I) => Judgement<string, string, unknown>) =>
  fc.assert(
    fc.property(inputs, input => {
      const answer = judge(frozen(input))
      expect(answer).toMatchObject({
        verdict: expect.stringMatching(/^[A-Z_]+$|^[a-z-]+$/) as string,
        basis: expect.stringMatching(/^[a-z-]+$/) as string,
        reason: expect.stringMatching(/^(?!.*(undefined|null|NaN)).{10,}$/) as string,
      })
      expect(answer.evidence).toBeTypeOf('object')
      expect(judge(input)).toEqual(answer)
    }),
    { numRuns: RUNS },
  )

test('every verdict says on what it rests, why in a sentence, and what it saw; it leaves its input alone', () => {
  answersInFull(someLiveness(), liveness)
  answersInFull(someHealth(), health)
  answersInFull(somePresence(), presence)
  answersInFull(someReap(), planReap)
})
