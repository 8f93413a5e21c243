import type { ProposedEvent } from '@holdfast/core'
import { EVICTIONS_MAX } from '@holdfast/core/internal'
import { expect, test } from 'vitest'
import { acquire, acquireAll, release } from './harness/commands.ts'
import { expectOutcome, granted, refused } from './harness/outcomes.ts'
import { schedules } from './harness/schedule.ts'

// Rows 15 to 23: budgets, lines and crowds.

schedules(({ ledger: open, compacted }) => {
  test('an expired lease of a full budget makes way, wherever it lies (schedule 15)', () => {
    const ledger = open({ kinds: { big: { budget: 1 } } })
    const x = granted(ledger.run(acquire('x', 'A', { kind: 'big' })))
    expect(refused(ledger.at(11).run(acquire('y', 'B', { kind: 'big' })))).toMatchObject({
      code: 'budget-exhausted',
      earliestRetryAt: 12,
    })
    const got = expectOutcome(ledger.at(12).run(acquire('y', 'B', { kind: 'big' })), 'granted')
    expect(got.evicted).toEqual([{ leaseId: x.leaseId, token: x.token }])
  })

  test('a ticket for an exclusive lane is served although others come and go elsewhere (schedule 16)', () => {
    const ledger = open({ exclusiveLanes: ['deploy'] })
    let held = granted(ledger.run(acquire('l0', 'H0')))
    const asks = () => ledger.run(acquire('deploy', 'W', { requestId: 'w', wait: true }))
    expect(refused(asks()).ticket).toBeDefined()
    for (let ms = 1; ms < 5; ms += 1) {
      expect(refused(ledger.at(ms).run(acquire(`l${ms}`, `H${ms}`))).code).toBe('queued-behind')
    }
    ledger.run(release(held))
    expect(refused(ledger.run(acquire('l9', 'H9'))).code).toBe('queued-behind')
    held = granted(asks())
    expect(held.lane).toBe('deploy')
  })

  test('a holder that asks for more than it can get beside itself takes no place (schedule 17)', () => {
    const ledger = open()
    granted(ledger.run(acquire('api', 'H', { region: ['src/api/**'] })))
    const answer = refused(ledger.run(acquire('all', 'H', { region: ['**'], requestId: 'r', wait: true })))
    expect(answer.code).toBe('held-by-self')
    expect(answer.ticket).toBeUndefined()
    granted(ledger.run(acquire('docs', 'C', { region: ['docs/**'] })))
  })

  test('one event wakes many waiters and moves one (schedule 18)', () => {
    const ledger = open()
    const held = granted(ledger.run(acquire('x', 'A')))
    const waiters = Array.from({ length: 50 }, (_, index) => `W${index}`)
    const ask = (holder: string) => ledger.run(acquire('x', holder, { requestId: 'w', wait: true }))
    const places = waiters.map(holder => refused(ask(holder)).ticket?.place)
    expect(new Set(places).size).toBe(waiters.length)
    ledger.at(4).run(release(held))
    const told = ledger.state.counts.REFUSE
    const outcomes = waiters.map(holder => ask(holder).outcome)
    expect(outcomes).toEqual(waiters.map((_, index) => (index === 0 ? 'granted' : 'refused')))
    expect(ledger.state.counts.REFUSE).toBe(told)
    ledger.at(5)
    expect(waiters.slice(1).map(holder => refused(ask(holder)).ticket?.place)).toEqual(places.slice(1))
    expect(ledger.state.counts.REFUSE).toBe(told + waiters.length - 1)
  })

  test('everything is granted over a crowd of expired leases, in batches (schedule 19)', () => {
    const ledger = open()
    const crowd = compacted ? 1_000 : 10_000
    const each = 50
    for (let first = 0; first < crowd; first += each) {
      const claims = Array.from({ length: each }, (_, index) => {
        const name = `l${first + index}`
        return { lane: name, region: [`src/${name}/**`] }
      })
      granted(ledger.run(acquireAll('all', claims, 'A')))
    }
    const before = ledger.state.counts.SCAVENGE
    const ask = acquire('all', 'B', { region: ['**'] })
    refused(ledger.at(11).run(ask))
    const got = expectOutcome(ledger.at(12).run(ask), 'granted')
    expect(got.evicted.length).toBeLessThanOrEqual(EVICTIONS_MAX)
    expect(ledger.state.counts.SCAVENGE).toBe(before + crowd)
    expect(ledger.state.leases.size).toBe(1)
  })

  test('a decider whose own clock is behind the log takes the later of the two, and never goes back (schedule 22)', () => {
    const ledger = open()
    const lease = granted(ledger.at(8).run(acquire('x', 'A')))
    expect(lease.expiresAtMs).toBe(20)
    const early: ProposedEvent = { type: 'HALT', data: { handle: 'tick', reason: '' } }
    ledger.at(3).append(early)
    expect(ledger.state.clockMs).toBe(8)
    expect(refused(ledger.at(0).run(acquire('x', 'B'))).earliestRetryAt).toBe(20)
    refused(ledger.at(19).run(acquire('x', 'B')))
    // The log is past the expiry by somebody's clock: then it is over for whoever decides after him too.
    ledger.at(20).append(early)
    const { evicted, lease: next } = expectOutcome(ledger.at(0).run(acquire('x', 'B')), 'granted')
    expect([evicted.length, next.acquiredAtMs, next.expiresAtMs]).toEqual([1, 20, 32])
    expect(ledger.log.at(-2)).toMatchObject({ type: 'SCAVENGE', data: { evidence: { nowMs: 20 } } })
  })

  test('readers that keep coming do not overtake a waiting writer (schedule 23)', () => {
    const ledger = open()
    const reader = (holder: string) => acquire('x', holder, { mode: 'shared' })
    const r0 = granted(ledger.run(reader('R0')))
    const r1 = granted(ledger.run(reader('R1')))
    const writer = acquire('x', 'W', { requestId: 'w', wait: true })
    expect(refused(ledger.run(writer)).code).toBe('lane-held')
    for (let index = 2; index < 6; index += 1) {
      expect(refused(ledger.run(reader(`R${index}`)))).toMatchObject({ code: 'queued-behind' })
    }
    ledger.at(1).run(release(r0))
    refused(ledger.run(reader('R9')))
    ledger.run(release(r1))
    expect(refused(ledger.run(reader('R9'))).code).toBe('queued-behind')
    granted(ledger.run(writer))
  })
})
