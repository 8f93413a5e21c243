import {
  admit,
  Claim,
  decide,
  isExpired,
  liveLeases,
  type AdmitRequest,
  type Lease,
  type Outcome,
  type PredicateVerdict,
} from '@holdfast/core'
import { conflictBetween } from '@holdfast/core/internal'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ALIVE, atMs, dead, probed, processOf, UNKNOWN } from './harness/alphabet.ts'
import { acquire, acquireAll, adopt, beat, holderNamed, release, scavenge } from './harness/commands.ts'
import { CoreLedger, type Deciding } from './harness/core-ledger.ts'
import { expectOutcome, granted, refused } from './harness/outcomes.ts'
import { expectCaught, runs } from './harness/properties.ts'
import { HOLDERS, LANES, play, REGIONS, RICH, steps } from './harness/steps.ts'

describe('admit() beside any leases', () => {
  const questions = fc.record({
    script: steps(20),
    waitMs: fc.nat({ max: 20 }),
    holder: fc.constantFrom(...HOLDERS),
    lane: fc.constantFrom(...LANES),
    mode: fc.constantFrom('exclusive', 'shared'),
    region: fc.constantFrom(...REGIONS).map(globs => [...globs]),
  })

  /** Without indexes: is there a lease in the way that does not make way? */
  function isFree({ claim, nowMs, config }: AdmitRequest, leases: readonly Lease[]): boolean {
    const staying = (lease: Lease) =>
      !isExpired(lease, nowMs) ||
      lease.reap === 'required' ||
      (lease.children.length > 0 && nowMs < lease.expiresAtMs + config.orphanGraceMs)
    return !leases.some(lease => staying(lease) && conflictBetween(claim, lease, config) !== null)
  }

  const covers = (asking: typeof admit) =>
    fc.property(questions, ({ script, waitMs, holder, ...claim }) => {
      const ledger = new CoreLedger({ config: RICH })
      play(ledger, script)
      ledger.at(ledger.nowMs + waitMs)
      const leases = liveLeases(ledger.state)
      const { config } = ledger.state
      const request = { claim: Claim.parse(claim), holder: holderNamed(holder), nowMs: ledger.nowMs, config }
      const answer = asking(request, leases)
      if (answer.admitted !== isFree(request, leases)) throw new Error(JSON.stringify(answer))
      if (answer.admitted) return
      for (const { blocker } of answer.obstacles) {
        const lease = leases.find(({ leaseId }) => leaseId === blocker.leaseId)
        if (lease === undefined || conflictBetween(request.claim, lease, config) === null) throw new Error('no blocker')
      }
    })

  test('the indexes miss no lease that is in the way, and every obstacle is one', () => {
    fc.assert(covers(admit), runs(400))
  })

  test('mutant: an admission that looks at the lane alone is caught', () => {
    expectCaught(
      covers((request, leases) =>
        admit(
          request,
          [...leases].filter(({ lane }) => lane === request.claim.lane || lane === 'deploy'),
        ),
      ),
    )
  })

  test('leases of several ledgers may share an id: each stands in the way, makes way, and is named by it', () => {
    const tracked = (region: string, holder: string, ttlMs: number) => {
      const elsewhere = new CoreLedger({ config: { kinds: { big: { budget: 2 } } } })
      return granted(elsewhere.run(acquire('x', holder, { region: [region], ttlMs, kind: 'big' })))
    }
    const leases = [tracked('a/**', 'A', 5), tracked('b/**', 'B', 9), tracked('c/**', 'C', 9)]
    expect(new Set(leases.map(({ leaseId }) => leaseId)).size).toBe(1)
    const { config } = new CoreLedger({ config: { kinds: { big: { budget: 2 } } } }).state
    const asks = (claim: Parameters<typeof Claim.parse>[0], ms: number, among = leases) =>
      admit({ claim: Claim.parse(claim), holder: holderNamed('W'), nowMs: atMs(ms), config }, among)
    for (const [region, holder] of [
      ['a/1', 'A'],
      ['b/1', 'B'],
      ['c/1', 'C'],
    ] as const) {
      const answer = asks({ lane: 'w', region: [region] }, 0)
      expect(answer).toMatchObject({ admitted: false, obstacles: [{ blocker: { leaseId: 'x@1', token: 1, holder } }] })
    }
    const all = asks({ lane: 'w', region: ['**'] }, 12)
    expect(all.admitted && new Set(all.evict)).toEqual(new Set(leases))
    expect(asks({ lane: 'w', kind: 'big' }, 0)).toMatchObject({ admitted: false, freeAtMs: 12 })
    const [first] = leases
    const twice = first === undefined ? [] : [first, first]
    expect(asks({ lane: 'w', kind: 'big' }, 0, twice)).toMatchObject({ admitted: true })
  })

  test('grants nothing and leaves the leases as they are', () => {
    const ledger = new CoreLedger()
    const lease = granted(ledger.run(acquire('x', 'A')))
    const request = {
      claim: Claim.parse({ lane: 'x' }),
      holder: holderNamed('B'),
      nowMs: ledger.nowMs,
      config: ledger.state.config,
    }
    expect(admit(request, [lease])).toMatchObject({ admitted: false, code: 'lane-held', freeAtMs: 12 })
    expect(admit(request, [])).toEqual({ admitted: true, evict: [] })
  })
})

describe('local predicates only refuse', () => {
  const verdicts = fc.array(
    fc.record({ name: fc.constantFrom('p', 'q'), allowed: fc.boolean(), reason: fc.constant('because') }),
    { maxLength: 3 },
  )
  const onlyRefuse = (deciding: (verdicts: readonly PredicateVerdict[]) => Deciding) =>
    fc.property(steps(25), verdicts, (script, found) => {
      const ledger = new CoreLedger({ config: RICH })
      play(ledger, script, (command, evidence) => {
        if (command.type !== 'acquire') return
        const around = { nowMs: ledger.nowMs, evidence }
        const without = decide(ledger.state, command, around)
        const withThem = deciding(found)(ledger.state, command, around)
        const got = (decision: typeof withThem) => decision.kind === 'again' || decision.outcome.outcome === 'granted'
        if (got(withThem) && JSON.stringify(withThem) !== JSON.stringify(without))
          throw new Error('a predicate granted')
      })
    })
  const asked: (verdicts: readonly PredicateVerdict[]) => Deciding = predicates => (state, command, around) =>
    decide(state, command, { ...around, evidence: { ...around.evidence, predicates } })

  test('whatever they say, nothing is granted that would not be granted without them', () => {
    fc.assert(onlyRefuse(asked), runs(150))
  })

  test('mutant: a predicate that opens a lane is caught', () => {
    const opening: typeof asked = predicates => (state, command, around) =>
      predicates.some(({ allowed }) => allowed)
        ? decide(new CoreLedger({ config: RICH }).state, command, around)
        : decide(state, command, around)
    expectCaught(onlyRefuse(opening))
  })

  test('its name and reason are recorded with the refusal', () => {
    const ledger = new CoreLedger()
    const predicates = [
      { name: 'office-hours', allowed: true, reason: '' },
      { name: 'disk', allowed: false, reason: 'no space left' },
    ]
    expect(refused(ledger.run(acquire('x', 'A'), { predicates }))).toMatchObject({
      code: 'predicate-refused',
      reason: 'no space left',
    })
    expect(ledger.log.at(-1)).toMatchObject({
      type: 'REFUSE',
      data: { evidence: { predicate: 'disk' }, reason: 'no space left' },
    })
  })

  test('a grant that was made before stands: a repeat is answered first', () => {
    const ledger = new CoreLedger()
    granted(ledger.run(acquire('x', 'A', { requestId: 'r' })))
    const predicates = [{ name: 'p', allowed: false, reason: 'no' }]
    expectOutcome(ledger.run(acquire('x', 'A', { requestId: 'r' }), { predicates }), 'granted')
  })
})

describe('several claims', () => {
  test('anyOf takes the first that is free and nothing else', () => {
    const ledger = new CoreLedger()
    granted(ledger.run(acquire('x', 'A')))
    const claims = [{ lane: 'x' }, { lane: 'y' }, { lane: 'z' }]
    expect(expectOutcome(ledger.run(acquireAll('any', claims, 'B')), 'granted').leases.map(({ lane }) => lane)).toEqual(
      ['y'],
    )
  })

  test('anyOf refused by all names what is in the way of each, once', () => {
    const ledger = new CoreLedger()
    const tokens = ['x', 'y'].map(lane => granted(ledger.run(acquire(lane, 'A'))).token)
    const answer = refused(ledger.run(acquireAll('any', [{ lane: 'x' }, { lane: 'y' }], 'B')))
    expect(answer.blockers.map(({ token }) => token)).toEqual(tokens)
    const wide = granted(ledger.run(acquire('z', 'C', { region: ['**'] })))
    const claims = ['x', 'y', 'v', 'w'].map(lane => ({ lane, region: ['src'] }))
    const { blockers, moreBlockers } = refused(ledger.run(acquireAll('any', claims, 'B')))
    expect([blockers.map(({ token }) => token), moreBlockers]).toEqual([[...tokens, wide.token], 0])
  })

  test('allOf takes all in one append or leaves everything as it was', () => {
    const ledger = new CoreLedger()
    const blocking = granted(ledger.run(acquire('y', 'A')))
    const ask = acquireAll('all', [{ lane: 'x' }, { lane: 'y' }], 'B')
    expect(refused(ledger.run(ask)).blockers).toMatchObject([{ leaseId: blocking.leaseId }])
    expect(ledger.state.leases.size).toBe(1)
    ledger.run(release(blocking))
    const { leases, lease } = expectOutcome(ledger.run(ask), 'granted')
    expect(leases.map(({ lane }) => lane)).toEqual(['x', 'y'])
    expect(lease).toEqual(leases[0])
    expect(new Set(leases.map(({ token }) => token)).size).toBe(2)
  })

  test('allOf whose members exclude each other says where', () => {
    const ledger = new CoreLedger({ config: { exclusiveLanes: ['deploy'] } })
    const all = (...claims: Parameters<typeof acquireAll>[1]) => refused(ledger.run(acquireAll('all', claims, 'A')))
    const clash = all({ lane: 'x', region: ['src/**'] }, { lane: 'y', region: ['src/api/**'] })
    expect(clash).toMatchObject({ code: 'self-conflict', reason: expect.stringContaining('src/api') as string })
    expect(all({ lane: 'x' }, { lane: 'x', mode: 'shared' }).code).toBe('self-conflict')
    expect(all({ lane: 'deploy' }, { lane: 'y' }).code).toBe('self-conflict')
    expectOutcome(
      ledger.run(
        acquireAll(
          'all',
          [
            { lane: 'x', mode: 'shared' },
            { lane: 'x', mode: 'shared' },
          ],
          'A',
        ),
      ),
      'granted',
    )
  })

  test('allOf counts its own members against a budget', () => {
    const ledger = new CoreLedger({ config: { kinds: { big: { budget: 1 } } } })
    const claims = [
      { lane: 'x', kind: 'big' },
      { lane: 'y', kind: 'big' },
    ]
    expect(refused(ledger.run(acquireAll('all', claims, 'A'))).code).toBe('held-by-self')
    expect(ledger.state.leases.size).toBe(0)
  })
})

describe('what is in the way has its own code', () => {
  test('regions too hard to tell apart keep each other out, and no path is named for it', () => {
    const ledger = new CoreLedger()
    const hard = (last: string) =>
      Array.from({ length: 60 }, (_, index) => `**/a*b*${index % 10}*c*/**/*${index}*${last}`)
    granted(ledger.run(acquire('x', 'A', { region: hard('x') })))
    const { code, blockers } = refused(ledger.run(acquire('y', 'B', { region: hard('y') })))
    expect(code).toBe('region-held')
    expect(blockers).toHaveLength(1)
    expect(blockers[0]).not.toHaveProperty('witness')
  })

  const codeOf = (outcome: Outcome) => refused(outcome).code

  test('lane, region with a witness, exclusive lane, self, draining, reaper, orphan', () => {
    const ledger = new CoreLedger({ config: { exclusiveLanes: ['deploy'] } })
    const x = granted(ledger.run(acquire('x', 'A', { region: ['src/**'] })))
    expect(codeOf(ledger.run(acquire('x', 'B')))).toBe('lane-held')
    const region = refused(ledger.run(acquire('y', 'B', { region: ['**/*.ts'] })))
    expect(region).toMatchObject({
      code: 'region-held',
      blockers: [{ witness: expect.stringMatching(/^src\/.*\.ts$/) as string }],
    })
    expect(codeOf(ledger.run(acquire('y', 'A', { region: ['**/*.ts'] })))).toBe('held-by-self')
    expect(codeOf(ledger.run(acquire('deploy', 'B')))).toBe('exclusive-lane-live')
    ledger.run(scavenge(x, { force: true }))
    expect(codeOf(ledger.run(acquire('x', 'B')))).toBe('draining')
    granted(ledger.run(acquire('r', 'A', { reap: 'required' })))
    granted(ledger.run(acquire('o', 'A', { children: [processOf(10)] })))
    ledger.at(12)
    expect(codeOf(ledger.run(acquire('r', 'B')))).toBe('awaiting-reap')
    expect(codeOf(ledger.run(acquire('o', 'B'), probed([processOf(10), ALIVE])))).toBe('orphan-alive')
    expect(codeOf(ledger.run(acquire('o', 'B'), probed([processOf(10), UNKNOWN])))).toBe('lane-held')
    granted(ledger.run(acquire('o', 'B'), probed([processOf(10), dead()])))
  })

  test('undeclared lanes, where free lanes are off', () => {
    const ledger = new CoreLedger({ config: { freeLanes: false, lanes: { api: {} }, exclusiveLanes: ['deploy'] } })
    expect(codeOf(ledger.run(acquire('x', 'A')))).toBe('unknown-lane')
    granted(ledger.run(acquire('api', 'A')))
  })

  test('a declared lane lends region and kind to a request that names none, normalised', () => {
    const lanes = { api: { region: ['./src//api/'], kind: 'big' } }
    const ledger = new CoreLedger({ config: { lanes, kinds: { big: { budget: 1 } } } })
    const lease = granted(ledger.run(acquire('api', 'A')))
    expect(lease).toMatchObject({ region: ['src/api'], kind: 'big' })
    expect(codeOf(ledger.run(acquire('x', 'B', { region: ['src/api/deep/file.ts'] })))).toBe('region-held')
    ledger.run(release(lease))
    expect(granted(ledger.run(acquire('api', 'A', { region: ['docs/'] }))).region).toEqual(['docs'])
  })

  test('a refusal records the request as it was understood', () => {
    const ledger = new CoreLedger({ config: { lanes: { api: { region: ['src/api/'], kind: null } } } })
    granted(ledger.run(acquire('api', 'A')))
    const options = { process: processOf(1), requestId: 'r', runId: 'run', mode: 'shared' } as const
    refused(ledger.run(acquire('api', 'B', options)))
    const claims = [{ lane: 'api', region: ['src/api'], mode: 'shared', kind: null }]
    const request = {
      op: 'acquire',
      holder: 'B',
      process: processOf(1),
      policy: 'one',
      claims,
      runId: 'run',
      requestId: 'r',
    }
    expect(ledger.log.at(-1)).toMatchObject({ type: 'REFUSE', runId: 'run', data: { request } })
  })

  test('names at most sixteen blockers and counts the rest', () => {
    const ledger = new CoreLedger()
    for (let index = 0; index < 20; index += 1) granted(ledger.run(acquire('x', `R${index}`, { mode: 'shared' })))
    const answer = refused(ledger.run(acquire('x', 'W')))
    expect(answer.blockers).toHaveLength(16)
    expect(answer.moreBlockers).toBe(4)
  })

  test('a drained entry opens what a beat or an adoption by others does not', () => {
    const ledger = new CoreLedger()
    const a = granted(ledger.run(acquire('x', 'A')))
    ledger.run(adopt(a, 'B', { force: true }))
    expectOutcome(ledger.run(beat(a)), 'stale-token')
    expect(refused(ledger.run(acquire('x', 'C'))).blockers.map(({ code }) => code)).toEqual(['lane-held', 'draining'])
    ledger.run(release(a))
    expect(refused(ledger.run(acquire('x', 'C'))).blockers.map(({ code }) => code)).toEqual(['lane-held'])
  })
})
