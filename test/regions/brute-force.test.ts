import { overlap, parseRegion } from '@holdfast/core'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { decide, disagreement, normalized, type Decide, type Pair } from './brute-force.ts'
import { somePair } from './globs.ts'

const PAIRS = 10_000
/** Far above what it takes, so that a busy machine or a coverage run does not fail it. */
const TIMEOUT_MS = 180_000

/** The first pair on which a decision differs from picomatch. */
const firstDisagreement = (decision: Decide, numRuns: number): string | undefined => {
  let found: string | undefined
  const outcome = fc.check(
    fc.property(somePair(), given => {
      const pair = normalized(given)
      fc.pre(pair !== undefined)
      if (pair === undefined) return
      found = disagreement(pair, decision(pair))
      if (found !== undefined) throw new Error(found)
    }),
    { numRuns, maxSkipsPerRun: 1000, endOnFailure: true },
  )
  return outcome.failed ? (found ?? 'the decision threw') : undefined
}

test(
  `on ${PAIRS} random pairs overlap says what picomatch says of every path, and each witness matches both`,
  { timeout: TIMEOUT_MS },
  () => {
    expect(firstDisagreement(decide, PAIRS)).toBeUndefined()
  },
)

/** Deliberately wrong decisions: the right one over globs that mean something slightly different. */
const rewriting =
  (rewrite: (glob: string) => string): Decide =>
  pair => {
    const changed = normalized({ ...pair, a: rewrite(pair.a), b: rewrite(pair.b) })
    return changed === undefined ? { overlap: false } : decide(changed)
  }

const literalStart = (glob: string): string => /^[^*?[{]*/.exec(glob)?.[0].toLowerCase() ?? ''

const MUTANTS: readonly (readonly [name: string, mutant: Decide])[] = [
  ['`a/**` does not cover `a`', rewriting(glob => glob.replace(/\/\*\*$/, '/**/*'))],
  [
    'a glob without wildcard covers only its own path',
    rewriting(glob => glob.replace(/^([ab])(?=[^*?[{]*$)/, '{$1,$1}')),
  ],
  ['`[!x]` crosses a slash', rewriting(glob => glob.replaceAll(/\[!a\]/g, '{[!a],/}'))],
  ['`!` does not negate', rewriting(glob => glob.replaceAll('[!', '[_'))],
  ['`?` also takes nothing', rewriting(glob => glob.replaceAll('?', '{?,}'))],
  ['`**` stays within one segment', rewriting(glob => glob.replaceAll('**', '*'))],
  ['`*` crosses a slash', rewriting(glob => glob.replaceAll(/(?<!\*)\*(?!\*)/g, '{*,*/*}'))],
  ['`{a}` is the same as `a`', rewriting(glob => glob.replaceAll('{a}', 'a'))],
  [
    'an empty alternative is dropped',
    rewriting(glob => glob.replaceAll(/\{,|,\}/g, sign => (sign === '{,' ? '{' : '}'))),
  ],
  ['case is never folded', pair => decideWith(pair, true)],
  ['case is always folded', pair => decideWith(pair, false)],
  [
    'leading literal text decides',
    ({ a, b }) => {
      const [left, right] = [literalStart(a), literalStart(b)]
      return left.startsWith(right) || right.startsWith(left) ? { overlap: true, witness: 'a' } : { overlap: false }
    },
  ],
]

const decideWith = (pair: Pair, caseSensitive: boolean): ReturnType<Decide> => {
  const a = parseRegion([pair.a], { caseSensitive })
  const b = parseRegion([pair.b], { caseSensitive })
  return a.ok && b.ok ? overlap({ a: a.region, b: b.region }) : { overlap: false }
}

test.each(MUTANTS)('the comparison catches a planted mutant: %s', { timeout: TIMEOUT_MS }, (_name, mutant) => {
  expect(firstDisagreement(mutant, PAIRS)).toMatch(/ share | do not share /)
})
