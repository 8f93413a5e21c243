import { judgeWrites, liveLeases, Lane, LeaseId } from '@holdfast/core'
import { liveOnLane } from '@holdfast/core/internal'
import { CORE, noTwoLeasesConflict } from '@holdfast/core/laws'
import { describe, expect, test } from 'vitest'
import { acquire, acquireAll, beat, holderNamed, release, scavenge } from './harness/commands.ts'
import { CoreLedger } from './harness/core-ledger.ts'
import { granted, refused } from './harness/outcomes.ts'

const COMPOSED = 'caf\u00e9'
const DECOMPOSED = 'cafe\u0301'

describe('where case is ignored, a lane is one lane in whichever Unicode form it is named', () => {
  test.each([
    [COMPOSED, DECOMPOSED],
    [DECOMPOSED, COMPOSED],
  ])('%j keeps %j from being leased, and keeps its own spelling', (held, asked) => {
    const ledger = new CoreLedger()
    const lease = granted(ledger.run(acquire(held, 'A')))
    expect(lease.lane).toBe(held)
    expect(refused(ledger.run(acquire(asked, 'B')))).toMatchObject({ code: 'lane-held' })
    const named = { ...lease, lane: Lane.parse(asked) }
    expect(ledger.run(beat(named)).outcome).toBe('beaten')
    expect(liveOnLane(ledger.state, named.lane).map(({ leaseId }) => leaseId)).toEqual([lease.leaseId])
    expect(ledger.run(release(named)).outcome).toBe('released')
    expect(granted(ledger.run(acquire(asked, 'B'))).lane).toBe(asked)
  })

  test('a draining entry closes the lane under its other name, and its holder ends the draining under it', () => {
    const ledger = new CoreLedger()
    const lease = granted(ledger.run(acquire(COMPOSED, 'A')))
    ledger.run(scavenge(lease, { force: true }))
    expect(refused(ledger.run(acquire(DECOMPOSED, 'B')))).toMatchObject({ code: 'draining' })
    expect(ledger.run(release({ ...lease, lane: Lane.parse(DECOMPOSED) })).outcome).toBe('drained')
    expect(granted(ledger.run(acquire(DECOMPOSED, 'B'))).holder).toBe('B')
  })

  test('a declared lane lends its region, and an exclusive one lives alone, under either name', () => {
    const config = {
      lanes: { [DECOMPOSED]: { region: ['src/**'], kind: null } },
      exclusiveLanes: [Lane.parse(`deploy-${DECOMPOSED}`)],
      freeLanes: false,
    }
    const ledger = new CoreLedger({ config })
    const lease = granted(ledger.run(acquire(COMPOSED, 'A')))
    expect(lease.region).toEqual(['src/**'])
    expect(refused(ledger.run(acquire(`deploy-${COMPOSED}`, 'B')))).toMatchObject({ code: 'exclusive-lane-live' })
    ledger.run(release(lease))
    granted(ledger.run(acquire(`deploy-${COMPOSED}`, 'B')))
    expect(refused(ledger.run(acquire(COMPOSED, 'A')))).toMatchObject({ code: 'exclusive-lane-live' })
  })

  test('two names of one lane in one request exclude each other', () => {
    const ledger = new CoreLedger()
    const both = acquireAll('all', [{ lane: COMPOSED }, { lane: DECOMPOSED }], 'A')
    expect(refused(ledger.run(both))).toMatchObject({ code: 'self-conflict' })
  })

  test('asking again under the other name is the same request', () => {
    const ledger = new CoreLedger()
    const lease = granted(ledger.run(acquire(COMPOSED, 'A', { requestId: 'r' })))
    const again = ledger.run(acquire(DECOMPOSED, 'A', { requestId: 'r' }))
    expect(again).toMatchObject({ outcome: 'granted', repeated: true, lease: { leaseId: lease.leaseId } })
  })

  test('a log of an older program with both names live still folds, both leases stand, and law 4 tells of it', () => {
    const ledger = new CoreLedger()
    const lease = granted(ledger.run(acquire(COMPOSED, 'A')))
    const recorded = ledger.log.at(-1)
    if (recorded?.type !== 'ACQUIRE') throw new Error('the grant stands last')
    const other = Lane.parse(DECOMPOSED)
    const leaseId = LeaseId.parse(`${other}@9`)
    ledger.append({ type: 'ACQUIRE', data: { ...recorded.data, lane: other, leaseId, holder: holderNamed('B') } })
    expect(liveLeases(ledger.state).map(({ lane }) => lane)).toEqual([COMPOSED, DECOMPOSED])
    expect(noTwoLeasesConflict(ledger.log, CORE).equal).toBe(false)
    const [first, second] = liveLeases(ledger.state)
    if (first === undefined || second === undefined) throw new Error('both are live')
    for (const one of [first, second]) expect(ledger.run(release(one)).outcome).toBe('released')
    expect(lease.leaseId).toBe(first.leaseId)
    expect(granted(ledger.run(acquire(COMPOSED, 'C'))).holder).toBe('C')
  })
})

describe('where case is ignored, the guard', () => {
  test.each([
    ['src/caf\u00e9/**', 'src/cafe\u0301/x.ts'],
    ['src/cafe\u0301/**', 'src/CAF\u00c9/x.ts'],
    ['src/cafe\u0301', 'src/caf\u00e9'],
    ['a$$/**', 'a$$'],
    ['^^/**', '^^'],
  ])('of %j closes %j to others', (glob, path) => {
    const ledger = new CoreLedger()
    granted(ledger.run(acquire('lane', 'A', { region: [glob] })))
    const [verdict] = judgeWrites(ledger.state, { holder: holderNamed('B'), paths: [path], nowMs: ledger.nowMs })
    expect(verdict).toMatchObject({ verdict: 'refused', basis: 'held-by-other' })
  })
})

test('where case matters, the names are two lanes and two paths', () => {
  const ledger = new CoreLedger({ config: { caseSensitive: true } })
  granted(ledger.run(acquire(COMPOSED, 'A')))
  granted(ledger.run(acquire(DECOMPOSED, 'B')))
})
