import { parseConfiguration, parseEntry, type RawEntry } from '@holdfast/core'
import { isLeaseSpanBound, leaseSpanBoundMs } from '@holdfast/core/internal'
import { describe, expect, test } from 'vitest'
import { SMALL, type Config } from './harness/alphabet.ts'
import { acquire, beat, checkpoint, configure } from './harness/commands.ts'
import { CoreLedger } from './harness/core-ledger.ts'
import { beaten, expectOutcome, granted, refused } from './harness/outcomes.ts'

const restore = (force = false) => checkpoint({ restored: { force }, offset: 1_000 })

/** A ledger that goes on from a copy of this one's log, as a backup does. */
function restoredFrom(ledger: CoreLedger, atMs: number): CoreLedger {
  const copy = new CoreLedger({ log: ledger.log })
  expectOutcome(copy.at(atMs).run(restore()), 'checkpointed')
  return copy
}

/** The first instant at which somebody else is granted the lane. */
function grantedAt(ledger: CoreLedger, lane: string): number {
  for (;;) {
    const answer = ledger.run(acquire(lane, 'B'))
    if (answer.outcome === 'granted') return ledger.nowMs
    const retryMs = refused(answer).earliestRetryAt
    if (retryMs === undefined) throw new Error(JSON.stringify(answer))
    ledger.at(retryMs)
  }
}

/** The log as an older program wrote it: no configuration in it names a bound. */
function withoutBound(ledger: CoreLedger): CoreLedger {
  const log = ledger.log.map(entry => {
    const raw = JSON.parse(JSON.stringify(entry)) as RawEntry & { data: { config?: Record<string, unknown> } }
    delete raw.data.config?.['leaseSpanBoundMs']
    return parseEntry(raw)
  })
  return new CoreLedger({ log })
}

describe('the drain of a restored ledger outlasts what the lost history may have granted', () => {
  test('a lease of the backup that was renewed with its own TTL, after the ceiling was lowered', () => {
    const ledger = new CoreLedger({ config: { ttlCeilingMs: 20, activityCapMs: 1 } })
    const a = granted(ledger.run(acquire('x', 'A', { ttlMs: 20 })))
    expectOutcome(ledger.run(configure({ ...SMALL, ttlCeilingMs: 9, activityCapMs: 1 })), 'checkpointed')
    const backup = new CoreLedger({ log: [...ledger.log] })
    const { safeUntilMs } = beaten(ledger.at(14).run(beat(a)))
    expect(safeUntilMs).toBe(34)
    expect(grantedAt(restoredFrom(backup, 14), 'x')).toBeGreaterThanOrEqual(safeUntilMs)
  })

  test.each([
    { what: 'a ceiling that is raised after the backup', more: { ttlCeilingMs: 40 }, ask: { ttlMs: 40 }, span: 0 },
    { what: 'an activity cap that is raised after it', more: { activityCapMs: 40 }, ask: {}, span: 40 },
  ])('a grant under $what', ({ more, ask, span }) => {
    const low: Config = { ...SMALL, ttlCeilingMs: 10, activityCapMs: 5 }
    const ledger = new CoreLedger({ config: { ...low, leaseSpanBoundMs: 40 } })
    const backup = new CoreLedger({ log: [...ledger.log] })
    expectOutcome(ledger.run(configure({ ...low, ...more })), 'checkpointed')
    const lease = granted(ledger.run(acquire('x', 'A', ask)))
    const activity = span === 0 ? {} : { activity: { label: 'a', expectedMs: span } }
    const { safeUntilMs } = beaten(ledger.run(beat(lease, activity)))
    expect(safeUntilMs).toBe(40)
    expect(grantedAt(restoredFrom(backup, 0), 'x')).toBeGreaterThanOrEqual(safeUntilMs)
  })

  test('a ceiling that was raised and lowered again before the backup leaves leases that count with what they have', () => {
    const low: Config = { ...SMALL, ttlCeilingMs: 9, activityCapMs: 1 }
    const ledger = new CoreLedger({ config: { ...low, leaseSpanBoundMs: 20 } })
    ledger.run(configure({ ...low, ttlCeilingMs: 20 }))
    const lease = granted(ledger.run(acquire('x', 'A', { ttlMs: 20 })))
    ledger.run(configure({ ...low, graceMs: 0 }))
    const backup = new CoreLedger({ log: [...ledger.log] })
    const { safeUntilMs, expiresAtMs } = beaten(ledger.at(7).run(beat(lease)))
    expect(grantedAt(restoredFrom(backup, 7), 'x')).toBeGreaterThanOrEqual(Math.max(safeUntilMs, expiresAtMs))
  })

  test('the log says until when', () => {
    const ledger = new CoreLedger()
    const told = { forced: false, drainsUntil: 43 }
    expect(restoredFrom(ledger, 0).log.at(-1)).toMatchObject({ data: { restored: told } })
    ledger.run(restore(true))
    expect(ledger.log.at(-1)).toMatchObject({ data: { restored: { ...told, forced: true, drainsUntil: null } } })
  })
})

describe('the bound', () => {
  test('stands in genesis, as what that allows, and is there after every change', () => {
    const ledger = new CoreLedger()
    expect(ledger.log[0]).toMatchObject({ data: { config: { leaseSpanBoundMs: 40 } } })
    expectOutcome(ledger.run(configure({ ...SMALL, activityCapMs: 1 })), 'checkpointed')
    expect(ledger.log.at(-1)).toMatchObject({ data: { config: { leaseSpanBoundMs: 40, activityCapMs: 1 } } })
  })

  test('is exceeded by no configuration, and what would exceed it is told', () => {
    const ledger = new CoreLedger()
    const { faults } = expectOutcome(ledger.run(configure({ ...SMALL, ttlCeilingMs: 41 })), 'invalid')
    expect(faults).toEqual([
      { path: 'ttlCeilingMs', message: expect.stringContaining('leaseSpanBoundMs of 40 ms') as string },
    ])
    expectOutcome(ledger.run(configure({ ...SMALL, ttlCeilingMs: 40, graceMs: 8 })), 'checkpointed')
  })

  test.each([39, 41])('is never changed, to %i', leaseSpanBoundMs => {
    const ledger = new CoreLedger()
    const lower = { ...SMALL, activityCapMs: 1, leaseSpanBoundMs }
    const { faults } = expectOutcome(ledger.run(configure(lower)), 'invalid')
    expect(faults).toMatchObject([{ path: 'leaseSpanBoundMs' }])
  })

  test('is not below what the same configuration allows', () => {
    expect(parseConfiguration({ leaseSpanBoundMs: 1 })).toMatchObject({
      ok: false,
      faults: [{ path: 'leaseSpanBoundMs' }],
    })
  })

  test('of the defaults leaves room for every activity cap up to the ceiling, and for any grace', () => {
    const ledger = new CoreLedger({ config: { ttlCeilingMs: 86_400_000, activityCapMs: 3_600_000 } })
    const more = {
      ...SMALL,
      ttlCeilingMs: 86_400_000,
      activityCapMs: 86_400_000,
      ttlDefaultMs: 90_000,
      graceMs: 80_000,
    }
    expectOutcome(ledger.run(configure({ ...more, ageCeilingMs: 90_000 })), 'checkpointed')
  })
})

describe('a ledger of an older program, which recorded no bound', () => {
  test('is read, drains for what stands now and at least the default, and says that this is not proven', () => {
    const old = withoutBound(new CoreLedger())
    expect(leaseSpanBoundMs(old.state.config)).toBe(86_400_000)
    const copy = restoredFrom(old, 0)
    expect(isLeaseSpanBound(old.state.config)).toBe(false)
    expect(copy.log.at(-1)).toMatchObject({ data: { restored: { drainsUntil: 86_400_003 } } })
  })

  test('stays readable to older programs through every CHECKPOINT but one that changes the configuration', () => {
    const old = withoutBound(new CoreLedger())
    old.run(checkpoint())
    expect(old.log.at(-1)).not.toHaveProperty('data.config.leaseSpanBoundMs')
    expectOutcome(old.run(configure(SMALL)), 'checkpointed')
    expect(old.log.at(-1)).toHaveProperty('data.config.leaseSpanBoundMs', 86_400_000)
  })

  test('takes any bound that its operator gives it, once', () => {
    const old = withoutBound(new CoreLedger())
    expectOutcome(old.run(configure({ ...SMALL, leaseSpanBoundMs: 50 })), 'checkpointed')
    expectOutcome(old.run(configure({ ...SMALL, leaseSpanBoundMs: 60 })), 'invalid')
    expect(leaseSpanBoundMs(old.state.config)).toBe(50)
  })
})
