import {
  Configuration,
  DEFAULT_CONFIGURATION,
  evolve,
  parseCommand,
  parseConfiguration,
  parseEntry,
  type CommandInput,
} from '@holdfast/core'
import { CONFIGURATION_LENGTH_MAX, RecordedConfiguration } from '@holdfast/core/internal'
import { describe, expect, test } from 'vitest'
import { LEDGER_ID, nextCommandId, SMALL } from './harness/alphabet.ts'
import { acquire, beat, configure, release, scavenge } from './harness/commands.ts'
import { CoreLedger } from './harness/core-ledger.ts'
import { expectOutcome, granted, refused } from './harness/outcomes.ts'

describe('parseCommand', () => {
  const faults = (input: object) => {
    const given = JSON.parse(JSON.stringify({ commandId: nextCommandId(), ...input })) as CommandInput
    const parsed = parseCommand(given, { caseSensitive: false })
    return parsed.ok ? [] : parsed.faults.map(({ path }) => path)
  }
  const asks = (claim: object, rest: object = {}) => faults({ type: 'acquire', holder: 'A', claims: [claim], ...rest })

  test.each([
    {
      what: 'metadata with a key that readers of JSON drop',
      found: faults({
        type: 'heartbeat',
        lane: 'x',
        holder: 'A',
        token: 1,
        metadata: JSON.parse('{"a":[{"__proto__":1}]}') as unknown,
      }),
      path: 'metadata',
    },
    { what: 'an empty lane', found: asks({ lane: '' }), path: 'claims.0.lane' },
    { what: 'a lane with a control character', found: asks({ lane: 'a\nb' }), path: 'claims.0.lane' },
    { what: 'a lane with white space around', found: asks({ lane: ' a' }), path: 'claims.0.lane' },
    { what: 'a lane with a lone surrogate', found: asks({ lane: '\ud800' }), path: 'claims.0.lane' },
    { what: 'an endless lane', found: asks({ lane: 'a'.repeat(257) }), path: 'claims.0.lane' },
    { what: 'a bad glob', found: asks({ lane: 'x', region: ['ok', 'a/../b'] }), path: 'claims.0.region.1' },
    { what: 'an empty glob', found: asks({ lane: 'x', region: [''] }), path: 'claims.0.region.0' },
    { what: 'a field of a claim that nobody knows', found: asks({ lane: 'x', colour: 'red' }), path: 'claims.0' },
    { what: 'a negative TTL', found: asks({ lane: 'x' }, { ttlMs: -1 }), path: 'ttlMs' },
    { what: 'no claim', found: faults({ type: 'acquire', holder: 'A', claims: [] }), path: 'claims' },
    {
      what: 'a token that is no number',
      found: faults({ type: 'release', lane: 'x', holder: 'A', token: 'one' }),
      path: 'token',
    },
    { what: 'an unknown type', found: faults({ type: 'steal' }), path: 'type' },
    {
      what: 'an unknown field',
      found: faults({ type: 'withdraw', holder: 'A', requestId: 'r', force: true }),
      path: '',
    },
    { what: 'no command id', found: faults({ type: 'halt', handle: 'h', commandId: 'x' }), path: 'commandId' },
    {
      what: 'metadata without end',
      found: faults({ type: 'heartbeat', lane: 'x', holder: 'A', token: 1, metadata: { a: 'x'.repeat(20_000) } }),
      path: 'metadata',
    },
    {
      what: 'a bad configuration',
      found: faults({ type: 'configure', config: { graceMs: -1 } }),
      path: 'config.graceMs',
    },
  ])('names the field of $what', ({ found, path }) => {
    expect(found).toEqual([path])
  })

  test('reports all faults at once, those of regions among them', () => {
    const input = {
      type: 'acquire',
      holder: '',
      claims: [
        { lane: '', region: ['..'] },
        { lane: 'y', region: ['a', '{1..3}'] },
      ],
    }
    expect(faults(input).sort()).toEqual(['claims.0.lane', 'claims.0.region.0', 'claims.1.region.1', 'holder'])
  })

  test('too many characters of globs in several claims together are a fault too', () => {
    const claims = Array.from({ length: 5 }, (_, index) => ({ lane: `l${index}`, region: ['a'.repeat(16_000)] }))
    expect(faults({ type: 'acquire', holder: 'A', claims })).toEqual(['claims'])
    // Each of these takes six characters in the log.
    const controls = [{ lane: 'x', region: ['\u0001'.repeat(16_000)] }]
    expect(faults({ type: 'acquire', holder: 'A', claims: controls })).toEqual(['claims'])
  })

  test('regions come out normalised, so that equal requests are equal', () => {
    expect(acquire('x', 'A', { region: ['./src//api/', 'src/api', 'a\\b'] }).claims[0]?.region).toEqual([
      'src/api',
      'a/b',
    ])
  })
})

describe('the configuration that decides', () => {
  const faultsOf = (input: unknown) => {
    const parsed = parseConfiguration(input)
    return parsed.ok ? [] : parsed.faults.map(({ path }) => path)
  }

  test('has defaults that keep its own relations', () => {
    expect(parseConfiguration({})).toEqual({ ok: true, config: DEFAULT_CONFIGURATION })
  })

  test('reports every broken relation at once, with its path', () => {
    const input = {
      ttlDefaultMs: 100,
      ttlCeilingMs: 50,
      graceMs: 100,
      finalisationGraceMs: 99,
      ageCeilingMs: 99,
      freeLanes: false,
      lanes: {},
    }
    expect(faultsOf(input)).toEqual(['ttlDefaultMs', 'graceMs', 'ageCeilingMs', 'ageCeilingMs', 'lanes'])
    expect(faultsOf({ ...SMALL, lanes: { x: { region: ['ok', '', '../up'] } } })).toEqual([
      'lanes.x.region.1',
      'lanes.x.region.2',
    ])
  })

  test('reports every bad field at once, and fields that nobody knows', () => {
    expect(faultsOf({ graceMs: -1, probeCount: 1, ttlDefaultMs: '9', kinds: { big: { budget: 0 } } })).toEqual([
      'ttlDefaultMs',
      'graceMs',
      'probeCount',
      'kinds.big.budget',
    ])
    expect(faultsOf({ gracems: 1 })).toEqual([''])
    expect(faultsOf('nothing')).toEqual([''])
  })

  test('reports broken relations beside fields that cannot be read, and none of a field that is at fault itself', () => {
    const unreadable = {
      probeCount: 'two',
      kinds: { big: 'many' },
      ttlDefaultMs: 100,
      ttlCeilingMs: null,
      graceMs: 100,
      lanes: { x: { region: ['..'] }, y: { region: 'src' }, z: { kind: 'big' } },
    }
    expect(faultsOf(unreadable).sort()).toEqual(
      ['graceMs', 'kinds.big', 'lanes.x.region.0', 'lanes.y.region', 'probeCount', 'ttlCeilingMs'].sort(),
    )
    expect(faultsOf({ lanes: ['x'], freeLanes: false, graceMs: 1, ttlDefaultMs: 1 })).toEqual(['lanes', 'graceMs'])
    expect(faultsOf([])).toEqual([''])
    expect(faultsOf(null)).toEqual([''])
  })

  test('has a budget for the kind of every lane: a misspelt one would have no bound', () => {
    const kinds = { big: { budget: 2 } }
    expect(faultsOf({ kinds, lanes: { x: { kind: 'big' }, y: { kind: 'bgi' }, z: {} } })).toEqual(['lanes.y.kind'])
    expect(faultsOf({ kinds, lanes: { x: { kind: 'toString' } } })).toEqual(['lanes.x.kind'])
  })

  test('stays small enough to stand in an event', () => {
    const lanes = Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`${'l'.repeat(100)}${index}`, {}]))
    expect(JSON.stringify(lanes).length).toBeGreaterThan(CONFIGURATION_LENGTH_MAX)
    expect(faultsOf({ lanes })).toEqual(['lanes'])
    expect(faultsOf({ lanes: { x: { region: ['a'.repeat(2_000)] } } })).toEqual(['lanes.x.region'])
  })

  test('that stands in a log is read by its shape alone: a relation tightened later closes no ledger', () => {
    const odd = {
      ...DEFAULT_CONFIGURATION,
      graceMs: DEFAULT_CONFIGURATION.ttlDefaultMs * 2,
      lanes: { x: { region: [''], kind: null } },
    }
    expect(Configuration.safeParse(odd).success).toBe(false)
    expect(RecordedConfiguration.safeParse(odd).success).toBe(true)
    const ledger = new CoreLedger()
    const [genesis] = ledger.log
    if (genesis?.type !== 'CHECKPOINT') throw new Error('a log begins with genesis')
    const entry = parseEntry({ ...genesis, revision: 5, data: { ...genesis.data, config: odd } })
    expect(entry.type).toBe('CHECKPOINT')
    ledger.push(entry)
    expect(refused(ledger.run(acquire('y', 'A', { region: ['a'] })) && ledger.run(acquire('x', 'B'))).code).toBe(
      'region-held',
    )
  })
})

describe('a change of the configuration', () => {
  test('leaves live leases what they were granted', () => {
    const ledger = new CoreLedger()
    const lease = granted(ledger.run(acquire('x', 'A')))
    expectOutcome(ledger.run(configure({ ...SMALL, ttlDefaultMs: 4, graceMs: 1 })), 'checkpointed')
    expect(ledger.state.leases.get(lease.leaseId)).toEqual(lease)
    expect(expectOutcome(ledger.at(2).run(beat(lease)), 'beaten').lease.expiresAtMs).toBe(14)
    expect(granted(ledger.run(acquire('y', 'A'))).expiresAtMs).toBe(7)
  })

  test('that would make live leases conflict is refused, and taken when they have ended', () => {
    const ledger = new CoreLedger()
    const x = granted(ledger.run(acquire('x', 'A')))
    const alone = configure({ ...SMALL, exclusiveLanes: ['x'] })
    expectOutcome(ledger.run(alone), 'checkpointed')
    expectOutcome(ledger.run(configure(SMALL)), 'checkpointed')
    const y = granted(ledger.run(acquire('y', 'B')))
    expect(ledger.run(alone)).toMatchObject({
      outcome: 'invalid',
      faults: [{ path: 'exclusiveLanes', message: expect.stringContaining(y.leaseId) as string }],
    })
    ledger.run(release(y))
    expectOutcome(ledger.run(alone), 'checkpointed')
    expect(refused(ledger.run(acquire('y', 'B'))).code).toBe('exclusive-lane-live')
    ledger.run(release(x))
    granted(ledger.run(acquire('y', 'B')))
  })

  test('that makes a lane of several readers exclusive is refused', () => {
    const ledger = new CoreLedger()
    for (const holder of ['R1', 'R2']) granted(ledger.run(acquire('x', holder, { mode: 'shared' })))
    expectOutcome(ledger.run(configure({ ...SMALL, exclusiveLanes: ['x'] })), 'invalid')
  })

  test('may set a budget below what is live: nothing new until it fits', () => {
    const ledger = new CoreLedger({ config: { kinds: { big: { budget: 3 } } } })
    const leases = ['a', 'b', 'c'].map(lane => granted(ledger.run(acquire(lane, 'A', { kind: 'big' }))))
    ledger.run(configure({ ...SMALL, kinds: { big: { budget: 1 } } }))
    for (const lease of leases) {
      expect(refused(ledger.run(acquire('d', 'B', { kind: 'big' }))).code).toBe('budget-exhausted')
      ledger.run(release(lease))
    }
    granted(ledger.run(acquire('d', 'B', { kind: 'big' })))
  })

  test('never changes the folding of case', () => {
    const ledger = new CoreLedger()
    expect(ledger.run(configure({ ...SMALL, caseSensitive: true }))).toMatchObject({
      outcome: 'invalid',
      faults: [{ path: 'caseSensitive' }],
    })
  })

  test('keeps an entry draining under the rules of the new one', () => {
    const ledger = new CoreLedger()
    const lease = granted(ledger.run(acquire('x', 'A')))
    ledger.run(scavenge(lease, { force: true }))
    expectOutcome(ledger.run(configure({ ...SMALL, exclusiveLanes: ['x'] })), 'checkpointed')
    expect(refused(ledger.run(acquire('y', 'B')))).toMatchObject({ code: 'draining', earliestRetryAt: 12 })
  })
})

describe('case', () => {
  test('folds by default and not where genesis says so', () => {
    for (const caseSensitive of [false, true]) {
      const ledger = new CoreLedger({ config: { caseSensitive } })
      granted(ledger.run(acquire('x', 'A', { region: ['src/API/**'] })))
      const outcome = ledger.run(acquire('y', 'B', { region: ['SRC/api/a.ts'] }))
      expect(outcome.outcome).toBe(caseSensitive ? 'granted' : 'refused')
    }
  })
})

describe('spans near the end of time', () => {
  test('an event of a year that never comes still makes a state that a CHECKPOINT can carry', () => {
    const ledger = new CoreLedger()
    const lease = granted(ledger.run(acquire('x', 'A')))
    const { lane, leaseId, holder, mode, region, process, attempt, maxAttempts, reap } = lease
    const ttlMs = Number.MAX_SAFE_INTEGER
    const data = {
      lane,
      leaseId,
      holder,
      kind: null,
      mode,
      region: [...region],
      ttlMs,
      graceMs: ttlMs,
      process,
      attempt,
      maxAttempts,
      reap,
      reason: '',
    }
    ledger.at(7).append({ type: 'ACQUIRE', data })
    ledger.compact()
    expect(ledger.state.unreadable).toEqual([])
    expect(ledger.state.leases.get(leaseId)?.expiresAtMs).toBe(Number.MAX_SAFE_INTEGER)
    expect(ledger.state.ledgerId).toBe(LEDGER_ID)
  })

  test('an entry stamped earlier than the one before it counts as recorded with that one', () => {
    const ledger = new CoreLedger()
    const lease = granted(ledger.at(8).run(acquire('x', 'A')))
    const { lane, leaseId, token } = lease
    const late = parseEntry({
      eventId: LEDGER_ID,
      revision: 9,
      recordedAt: 1,
      type: 'HEARTBEAT',
      schemaVersion: 1,
      actor: null,
      data: { lane, leaseId, token },
    })
    expect(evolve(ledger.state, late).leases.get(leaseId)).toMatchObject({ lastBeatAtMs: 8, expiresAtMs: 20 })
  })
})
