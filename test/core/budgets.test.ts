import { describe, expect, test } from 'vitest'
import { ALIVE, probed, processOf, SMALL } from './harness/alphabet.ts'
import { acquire, configure, release } from './harness/commands.ts'
import { CoreLedger } from './harness/core-ledger.ts'
import { expectOutcome, granted, refused } from './harness/outcomes.ts'

describe('budgets', () => {
  const BIG = { kind: 'big' }
  const open = (budget: number) => new CoreLedger({ config: { kinds: { big: { budget } } } })

  test('the oldest expired goes first, and no more than must', () => {
    const ledger = open(3)
    const tokens = ['a', 'b', 'c'].map((lane, index) => granted(ledger.at(index).run(acquire(lane, 'A', BIG))).token)
    const { evicted } = expectOutcome(ledger.at(20).run(acquire('d', 'B', BIG)), 'granted')
    expect(evicted.map(({ token }) => token)).toEqual(tokens.slice(0, 1))
  })

  test('one that its request evicts from the lane is not counted twice', () => {
    const ledger = open(1)
    granted(ledger.run(acquire('a', 'A', BIG)))
    expect(expectOutcome(ledger.at(12).run(acquire('a', 'B', BIG)), 'granted').evicted).toHaveLength(1)
  })

  test('a lease in the way by lane and by budget is named once', () => {
    const ledger = open(1)
    granted(ledger.run(acquire('a', 'A', BIG)))
    const answer = refused(ledger.run(acquire('a', 'B', BIG)))
    expect(answer.blockers).toHaveLength(1)
    expect(answer.code).toBe('lane-held')
  })

  test('a required or orphaned member keeps its share', () => {
    const ledger = open(1)
    granted(ledger.run(acquire('a', 'A', { ...BIG, children: [processOf(10)] })))
    const alive = probed([processOf(10), ALIVE])
    expect(refused(ledger.at(30).run(acquire('b', 'B', BIG), alive))).toMatchObject({ code: 'budget-exhausted' })
    granted(ledger.run(acquire('b', 'B', BIG)))
  })

  test('kinds without a budget, and no kind, are not counted', () => {
    const ledger = open(1)
    for (const lane of ['a', 'b', 'c']) granted(ledger.run(acquire(lane, 'A', { kind: 'small' })))
    for (const lane of ['d', 'e']) granted(ledger.run(acquire(lane, 'A')))
    for (const lane of ['f', 'g']) granted(ledger.run(acquire(lane, 'A', { kind: 'toString' })))
  })

  test('a share is promised when enough have ended, in whatever order they do', () => {
    const ledger = open(2)
    granted(ledger.run(acquire('a', 'A', { ...BIG, reap: 'required' })))
    const ends = (answer = refused(ledger.run(acquire('z', 'B', BIG)))) => answer.earliestRetryAt
    granted(ledger.run(acquire('b', 'A', { ...BIG, ttlMs: 20 })))
    expect(ends()).toBe(23)
    ledger.run(configure({ ...SMALL, kinds: { big: { budget: 4 } } }))
    granted(ledger.run(acquire('c', 'A', { ...BIG, ttlMs: 5 })))
    granted(ledger.run(acquire('d', 'A', { ...BIG, ttlMs: 10 })))
    expect(ends()).toBe(8)
    for (const [budget, endMs] of [
      [3, 13],
      [2, 23],
      [1, undefined],
    ] as const) {
      ledger.run(configure({ ...SMALL, kinds: { big: { budget } } }))
      expect(ends()).toBe(endMs)
    }
  })

  test('earlier tickets of the kind take shares before newcomers', () => {
    const ledger = open(1)
    const held = granted(ledger.run(acquire('a', 'A', BIG)))
    refused(ledger.run(acquire('b', 'B', { ...BIG, requestId: 'w', wait: true })))
    ledger.run(release(held))
    expect(refused(ledger.run(acquire('c', 'C', BIG)))).toMatchObject({
      code: 'queued-behind',
      blockers: [{ holder: 'B' }],
    })
    granted(ledger.run(acquire('b', 'B', { ...BIG, requestId: 'w', wait: true })))
  })
})
