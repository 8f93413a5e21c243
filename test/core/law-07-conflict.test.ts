import { admit, Claim, liveLeases, type Covering } from '@holdfast/core'
import { conflictBetween } from '@holdfast/core/internal'
import { conflictIsSymmetric, moreLeasesNeverAdmit } from '@holdfast/core/laws'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TREES } from './harness/alphabet.ts'
import { CoreLedger } from './harness/core-ledger.ts'
import { holderNamed } from './harness/commands.ts'
import { expectCaught, expectEqual, runs } from './harness/properties.ts'
import { evidenceOf, HOLDERS, LANES, play, REGIONS, RICH, RICH_APART, steps, type Step } from './harness/steps.ts'

const claims = fc
  .record({
    lane: fc.constantFrom(...LANES),
    mode: fc.constantFrom('exclusive', 'shared'),
    region: fc.constantFrom(...REGIONS).map(globs => [...globs]),
    kind: fc.constantFrom(null, 'big'),
    workTree: fc.constantFrom(...TREES, undefined),
  })
  .map(claim => Claim.parse(claim))

const { config } = new CoreLedger({ config: RICH }).state
const { config: apart } = new CoreLedger({ config: RICH_APART }).state
const configs = fc.constantFrom(config, apart)

const symmetric = (conflict: typeof conflictBetween) =>
  fc.property(claims, claims, configs, (a, b, given) => expectEqual(conflictIsSymmetric(a, b, given, conflict)))

/** Leases of two unrelated plays: `more` may conflict with `leases`, share their ids, be expired, be anything. */
function leasesOf(script: readonly Step[], from: number) {
  const ledger = new CoreLedger({ config: RICH }).at(from)
  play(ledger, script)
  return { leases: liveLeases(ledger.state), nowMs: ledger.nowMs }
}

const monotone = (asking: typeof admit) =>
  fc.property(
    steps(12),
    steps(12),
    claims,
    fc.constantFrom(...HOLDERS),
    fc.nat({ max: 20 }),
    configs,
    (script, other, claim, holder, waitMs, given) => {
      const some = leasesOf(script, 0)
      const more = leasesOf(other, some.nowMs).leases
      const nowMs = new CoreLedger().at(some.nowMs + waitMs).nowMs
      const evidence = other[0] && evidenceOf(other[0])
      const request = { claim, holder: holderNamed(holder), nowMs, config: given, evidence }
      expectEqual(moreLeasesNeverAdmit({ request, leases: some.leases, more }, asking))
    },
  )

describe('conflict is boolean and symmetric; more live leases never turn a refusal into a grant (law 7)', () => {
  test('it does not matter which of two claims asks', () => {
    fc.assert(symmetric(conflictBetween), runs(2_000))
  })

  test('more leases never admit', () => {
    fc.assert(monotone(admit), runs(300))
  })

  test('mutant: a conflict that looks at the mode of the asker only is caught', () => {
    const oneSided = (a: Covering, b: Covering, given: typeof config) =>
      a.mode === 'shared' ? null : conflictBetween(a, b, given)
    expectCaught(symmetric(oneSided))
  })

  test('apart never refuses what together admits, and an unknown tree conflicts like every tree', () => {
    fc.assert(
      fc.property(claims, claims, (a, b) => {
        const together = conflictBetween(a, b, config)
        if (together === null) expect(conflictBetween(a, b, apart)).toBeNull()
        expect(conflictBetween({ ...a, workTree: null }, b, apart)).toEqual(together)
        expect(conflictBetween(a, { ...b, workTree: a.workTree }, apart)).toEqual(together)
      }),
      runs(1_000),
    )
  })

  test('mutant: a conflict that takes an unknown tree of the asker for another one is caught', () => {
    const oneSided = (a: Covering, b: Covering, given: typeof config) =>
      conflictBetween({ ...a, workTree: a.workTree ?? { id: 'elsewhere' } }, b, given)
    expectCaught(symmetric(oneSided))
  })

  test('mutant: an admission that takes leases of two ledgers with one id for one is caught', () => {
    const merging: typeof admit = (request, leases) =>
      admit(request, new Map(Array.from(leases, lease => [lease.leaseId, lease])).values())
    expectCaught(monotone(merging))
  })

  test('mutant: an admission that gives up counting in a crowd is caught', () => {
    const giddy: typeof admit = (request, leases) => admit(request, [...leases].slice(-3))
    expectCaught(monotone(giddy))
  })
})
