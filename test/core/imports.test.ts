import { writeCheckpoint } from '@holdfast/core/laws'
import { describe, expect, test } from 'vitest'
import { acquire, adopt, release } from './harness/commands.ts'
import { CoreLedger } from './harness/core-ledger.ts'
import { entryAfter } from './harness/entry-after.ts'
import { adopted, expectOutcome, granted } from './harness/outcomes.ts'

const ORIGIN = { origin: { format: 'old-tool' } }

describe('an imported event without a token', () => {
  const released = (fields: object) => {
    const ledger = new CoreLedger()
    const { lane, leaseId, ...lease } = granted(ledger.run(acquire('x', 'A')))
    const after = adopted(ledger.run(adopt({ lane, token: lease.token }, 'B', { force: true })))
    ledger.push(entryAfter(ledger, { type: 'RELEASE', data: { lane, leaseId, token: null }, ...fields }))
    return { ledger, lane, leaseId, live: ledger.state.leases.get(after.leaseId) }
  }

  test('means the lease at whatever token it has, for its source knew none', () => {
    expect(released(ORIGIN).live).toBeUndefined()
  })

  test('ends nothing that drains: whose token that was nobody knows', () => {
    const { ledger, lane, leaseId } = released(ORIGIN)
    ledger.push(entryAfter(ledger, { type: 'RELEASE', data: { lane, leaseId, token: null }, ...ORIGIN }))
    expect([...ledger.state.draining.live(ledger.nowMs)]).toHaveLength(1)
  })

  test('changes nothing where it does not say that it is imported', () => {
    expect(released({}).live).toMatchObject({ holder: 'B' })
  })
})

describe('an imported refusal', () => {
  const refusal = { code: 'lane-held', blockers: [], moreBlockers: 0, ticket: { requestId: 'r', ttlMs: 9 } }

  test.each([
    { what: 'of nobody', request: { op: 'acquire', claims: [{ lane: 'x' }] }, open: 0 },
    { what: 'for nothing', request: { op: 'acquire', holder: 'A' }, open: 0 },
    { what: 'of somebody for something', request: { op: 'acquire', holder: 'A', claims: [{ lane: 'x' }] }, open: 1 },
  ])('$what opens $open tickets', ({ request, open }) => {
    const ledger = new CoreLedger()
    ledger.push(entryAfter(ledger, { type: 'REFUSE', data: { ...refusal, request }, ...ORIGIN }))
    expect(ledger.state.unrecognisedCount).toBe(0)
    expect([...ledger.state.tickets.live(ledger.nowMs)]).toHaveLength(open)
  })
})

describe('a CHECKPOINT at odds with itself', () => {
  /** A lease with a request, and then a CHECKPOINT of another program that leaves a part of that out. */
  function without(part: 'leases' | 'requests') {
    const ledger = new CoreLedger()
    const lease = granted(ledger.run(acquire('x', 'A', { requestId: 'r' })))
    const data = writeCheckpoint(ledger.state)
    if (data.state.carrier !== 'inline') throw new Error('the state is inline')
    const value: unknown = { ...Object(data.state.value), [part]: [] }
    ledger.push(entryAfter(ledger, { type: 'CHECKPOINT', data: { ...data, state: { carrier: 'inline', value } } }))
    expect(ledger.state.unrecognisedCount).toBe(0)
    return { ledger, lease }
  }

  test('that forgot a request ends its lease like any other, and the request can be made again', () => {
    const { ledger, lease } = without('requests')
    expectOutcome(ledger.run(release(lease)), 'released')
    expect([...ledger.state.requests.live(ledger.nowMs)]).toEqual([])
    expect(granted(ledger.run(acquire('x', 'A', { requestId: 'r' }))).token).toBeGreaterThan(lease.token)
  })

  test('that forgot a lease grants its request anew', () => {
    const { ledger, lease } = without('leases')
    const again = expectOutcome(ledger.run(acquire('x', 'A', { requestId: 'r' })), 'granted')
    expect(again.repeated).toBe(false)
    expect(again.lease.token).toBeGreaterThan(lease.token)
  })
})
