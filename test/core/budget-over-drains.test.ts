import { drainsOver, judgeWrites, type Lease } from '@holdfast/core'
import { describe, expect, test } from 'vitest'
import { dead, probed, processOf, SMALL } from './harness/alphabet.ts'
import { acquire, adopt, beat, configure, holderNamed, release, scavenge } from './harness/commands.ts'
import { CoreLedger } from './harness/core-ledger.ts'
import { adopted, expectOutcome, granted, refused } from './harness/outcomes.ts'

const READER = { mode: 'shared', kind: 'big' } as const
const kinds = (budget: number) => ({ kinds: { big: { budget } } })
const open = (budget: number) => new CoreLedger({ config: kinds(budget) })
const tokens = (ledger: CoreLedger, lease: Lease, atMs: number = ledger.nowMs) =>
  drainsOver(ledger.state, lease, atMs).map(({ token }) => token)

describe('the guard of an adopted lease counts what drains into the budget of its kind', () => {
  test('a forced adoption of the only share waits for the old holder', () => {
    const ledger = open(1)
    const a = granted(ledger.run(acquire('s', 'A', READER)))
    const b = adopted(ledger.at(4).run(adopt(a, 'B', { force: true })))
    expect(tokens(ledger, b)).toEqual([a.token])
    expect(tokens(ledger, b, 11)).toEqual([a.token])
    expect(tokens(ledger, b, 12)).toEqual([])
  })

  test('it opens at once when the old holder says that he has stopped', () => {
    const ledger = open(1)
    const a = granted(ledger.run(acquire('s', 'A', READER)))
    const b = adopted(ledger.run(adopt(a, 'B', { force: true })))
    expectOutcome(ledger.run(release(a)), 'drained')
    expect(tokens(ledger, b)).toEqual([])
  })

  test('it is open where the kind fits with both, or has no budget', () => {
    for (const ledger of [open(2), new CoreLedger()]) {
      const a = granted(ledger.run(acquire('s', 'A', READER)))
      expect(tokens(ledger, adopted(ledger.run(adopt(a, 'B', { force: true }))))).toEqual([])
    }
  })

  test('an adoption on an exit, by claim, waits as well; one on a death does not', () => {
    const exited = open(1)
    const a = granted(exited.run(acquire('s', 'A', { ...READER, ttlMs: 20 })))
    exited.run(beat(a, { exit: { code: 0, signal: null } }))
    expect(tokens(exited, adopted(exited.at(6).run(adopt(a, 'R', { claim: { cause: 'exited' } }))))).toEqual([a.token])
    const died = open(1)
    const bound = granted(died.run(acquire('s', 'A', { ...READER, process: processOf(1) })))
    const seen = probed([processOf(1), dead()])
    expect(
      tokens(died, adopted(died.at(5).run(adopt(bound, 'R', { claim: { cause: 'process-dead' } }), seen))),
    ).toEqual([])
  })

  test('it waits for no more than have to end, the first of them', () => {
    const ledger = open(2)
    const long = granted(ledger.run(acquire('s', 'A', { ...READER, ttlMs: 20 })))
    const short = granted(ledger.run(acquire('t', 'C', { ...READER, ttlMs: 5 })))
    const late = adopted(ledger.run(adopt(long, 'B', { force: true })))
    const later = adopted(ledger.run(adopt(short, 'D', { force: true })))
    expect(tokens(ledger, late)).toEqual([short.token])
    expect(tokens(ledger, later)).toEqual([short.token, long.token])
    expect(tokens(ledger, late, 8)).toEqual([])
    expect(tokens(ledger, later, 8)).toEqual([long.token])
  })

  test('somebody who was granted before, and counted, goes on', () => {
    const ledger = open(2)
    const a = granted(ledger.run(acquire('s', 'A', READER)))
    const c = granted(ledger.run(acquire('t', 'C', READER)))
    const b = adopted(ledger.run(adopt(a, 'B', { force: true })))
    expect(tokens(ledger, c)).toEqual([])
    expect(tokens(ledger, b)).toEqual([a.token])
    refused(ledger.run(acquire('u', 'D', READER)))
  })

  test('an expired lease counts: its holder may come back with a late beat', () => {
    const ledger = open(2)
    granted(ledger.run(acquire('t', 'C', { ...READER, ttlMs: 1 })))
    const a = granted(ledger.run(acquire('s', 'A', READER)))
    const b = adopted(ledger.at(5).run(adopt(a, 'B', { force: true })))
    expect(tokens(ledger, b)).toEqual([a.token])
  })

  test('writes wait as the guard does, until the same instant', () => {
    const ledger = open(1)
    const a = granted(ledger.run(acquire('s', 'A', { ...READER, region: ['src/**'] })))
    adopted(ledger.run(adopt(a, 'B', { force: true })))
    const judged = () =>
      judgeWrites(ledger.state, { holder: holderNamed('B'), paths: ['src/x'], nowMs: ledger.nowMs })[0]
    expect(judged()).toMatchObject({ basis: 'draining', untilMs: 12, token: a.token })
  })
})

describe('a budget that is lowered below what is believed in', () => {
  test('stops no holder, and an adopter waits for what drains', () => {
    const ledger = open(2)
    const [a, c] = ['s', 't'].map(lane => granted(ledger.run(acquire(lane, lane, READER))))
    if (a === undefined || c === undefined) throw new Error('two were granted')
    expectOutcome(ledger.run(configure({ ...SMALL, ...kinds(1) })), 'checkpointed')
    for (const lease of [a, c]) expect(tokens(ledger, lease)).toEqual([])
    const b = adopted(ledger.at(4).run(adopt(a, 'B', { force: true })))
    expect(tokens(ledger, b)).toEqual([a.token])
    expect(tokens(ledger, b, 12)).toEqual([])
  })

  test('a kind that gets its first budget counts what drains already', () => {
    const ledger = new CoreLedger()
    const a = granted(ledger.run(acquire('s', 'A', READER)))
    const b = adopted(ledger.run(adopt(a, 'B', { force: true })))
    expect(tokens(ledger, b)).toEqual([])
    ledger.run(configure({ ...SMALL, ...kinds(1) }))
    expect(tokens(ledger, b)).toEqual([a.token])
    ledger.run(scavenge(b, { force: true }))
    expect(refused(ledger.run(acquire('t', 'C', READER)))).toMatchObject({ code: 'draining', earliestRetryAt: 12 })
    granted(ledger.at(12).run(acquire('t', 'C', READER)))
  })
})
