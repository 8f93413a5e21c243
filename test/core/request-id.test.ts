import { describe, expect, test } from 'vitest'
import { processOf } from './harness/alphabet.ts'
import { acquire, acquireAll, adopt, beat, release, scavenge } from './harness/commands.ts'
import { CoreLedger } from './harness/core-ledger.ts'
import { expectOutcome, granted, refused } from './harness/outcomes.ts'

const R = { requestId: 'r' }

describe('a request id', () => {
  test('whose answer was lost gets its grant again: the same token, nothing appended, no deadline moved', () => {
    const ledger = new CoreLedger()
    const command = acquire('x', 'A', { ...R, process: processOf(1) })
    const first = granted(ledger.run(command))
    const { head } = ledger.state
    const again = expectOutcome(ledger.at(5).run(command), 'granted')
    expect(again).toMatchObject({ repeated: true, lease: first })
    expect(ledger.state.head).toBe(head)
  })

  test('stays with its process: another one is held off, an unbound lease is nobody else’s', () => {
    const ledger = new CoreLedger()
    granted(ledger.run(acquire('x', 'A', { ...R, process: processOf(1) })))
    expect(refused(ledger.run(acquire('x', 'A', { ...R, process: processOf(2) }))).code).toBe('held-by-self')
    expect(refused(ledger.run(acquire('x', 'A', R))).code).toBe('held-by-self')
    granted(ledger.run(acquire('y', 'A', { requestId: 's' })))
    expect(
      expectOutcome(ledger.run(acquire('y', 'A', { requestId: 's', process: processOf(2) })), 'granted').repeated,
    ).toBe(true)
  })

  test('is its holder’s: the same id of another holder is another request', () => {
    const ledger = new CoreLedger()
    granted(ledger.run(acquire('x', 'A', R)))
    expect(expectOutcome(ledger.run(acquire('y', 'B', R)), 'granted').repeated).toBe(false)
  })

  test('has ended after release, eviction and adoption, for as long as it is remembered', () => {
    const ledger = new CoreLedger()
    const ends = [
      { how: 'released', end: release },
      { how: 'evicted', end: (lease: Parameters<typeof release>[0]) => scavenge(lease, { force: true }) },
      { how: 'adopted', end: (lease: Parameters<typeof release>[0]) => adopt(lease, 'B', { force: true }) },
    ]
    for (const { how, end } of ends) {
      const lane = `lane-${how}`
      const lease = granted(ledger.run(acquire(lane, 'A', { requestId: how })))
      ledger.run(end(lease))
      const ended = { outcome: 'ended', how, leaseId: lease.leaseId, token: lease.token }
      expect(ledger.run(acquire(lane, 'A', { requestId: how }))).toEqual(ended)
      expect(ledger.run(acquire('elsewhere', 'A', { requestId: how }))).toEqual(ended)
    }
    ledger.at(49)
    expect(ledger.run(acquire('lane-released', 'A', { requestId: 'released' })).outcome).toBe('ended')
    ledger.at(50)
    granted(ledger.run(acquire('lane-released', 'A', { requestId: 'released' })))
  })

  test('has ended at the expiry, and lives again when a late beat keeps the lease', () => {
    const ledger = new CoreLedger()
    const lease = granted(ledger.run(acquire('x', 'A', R)))
    const { leaseId, token } = lease
    expect(ledger.at(12).run(acquire('x', 'A', R))).toEqual({ outcome: 'ended', how: 'expired', leaseId, token })
    ledger.run(beat(lease))
    expect(expectOutcome(ledger.run(acquire('x', 'A', R)), 'granted').lease.token).toBe(lease.token)
  })

  test('for something else is refused while the grant lives', () => {
    const ledger = new CoreLedger()
    granted(ledger.run(acquire('x', 'A', R)))
    for (const other of [
      acquire('y', 'A', R),
      acquire('x', 'A', { ...R, mode: 'shared' }),
      acquire('x', 'A', { ...R, region: ['a'] }),
    ]) {
      expect(refused(ledger.run(other)).code).toBe('request-id-reused')
    }
  })

  test('of allOf is the whole: one claim more or fewer is another request, one lease gone ends it', () => {
    const ledger = new CoreLedger()
    const all = (...lanes: string[]) =>
      ledger.run(
        acquireAll(
          'all',
          lanes.map(lane => ({ lane })),
          'A',
          R,
        ),
      )
    const { leases } = expectOutcome(all('x', 'y'), 'granted')
    expect(expectOutcome(all('x', 'y'), 'granted').leases).toEqual(leases)
    expect(refused(all('x', 'y', 'z')).code).toBe('request-id-reused')
    expect(refused(all('x')).code).toBe('request-id-reused')
    const [first] = leases
    if (first === undefined) throw new Error('two leases were granted')
    ledger.run(release(first))
    expect(all('x', 'y')).toMatchObject({ outcome: 'ended', how: 'released' })
  })

  test('of anyOf keeps what it got, although an earlier choice is free now', () => {
    const ledger = new CoreLedger()
    const blocking = granted(ledger.run(acquire('x', 'B')))
    const any = () => ledger.run(acquireAll('any', [{ lane: 'x' }, { lane: 'y' }], 'A', R))
    expect(granted(any()).lane).toBe('y')
    ledger.run(release(blocking))
    expect(expectOutcome(any(), 'granted')).toMatchObject({ repeated: true, lease: { lane: 'y' } })
  })
})
