import { DatabaseSync } from 'node:sqlite'
import { openSqliteStore } from '@holdfast/store/sqlite'
import { verifyLedger, type Verification } from '@holdfast/projections'
import { describe, expect, it } from 'vitest'
import { Scribe, STREAM } from './scribe.ts'
import { BEDS } from './stores.ts'

function checkNamed(answer: Verification, name: string) {
  const found = answer.checks.find(check => check.name === name)
  if (found === undefined) throw new Error(`no check ${name} in ${JSON.stringify(answer.checks)}`)
  return found
}

/** A grant as an ACQUIRE that nobody decided has it. */
function grantOf(lane: string, revision: number, more: object = {}) {
  const data = {
    lane,
    leaseId: `${lane}@${revision}`,
    holder: 'mallory',
    mode: 'exclusive',
    region: [],
    ttlMs: 60_000,
    graceMs: 1_000,
    process: null,
    attempt: 1,
    maxAttempts: 1,
    reap: 'optional',
    reason: '',
    ...more,
  }
  return { type: 'ACQUIRE', data }
}

describe.each(BEDS)('verify on $kind', ({ open }) => {
  it('finds nothing wrong in what was decided, and counts it', async () => {
    await using bed = await open()
    const scribe = await Scribe.found(bed.store)
    const api = await scribe.hold('api', { region: ['src/api/**'] })
    await scribe.hold('docs', { holder: 'bob', region: ['docs/**'] })
    await scribe.tell({ type: 'acquire', holder: 'eve', claims: [{ lane: 'x', region: ['src/**'] }] })
    await scribe.beat(api)
    await scribe.tell({ type: 'configure', config: { ...scribe.state.config, graceMs: 10_000 } })
    await scribe.tell({ type: 'adopt', lane: 'api', newHolder: 'eve', expectToken: api.token, force: true })
    bed.time.advance(1_000_000)
    await scribe.hold('api', { holder: 'bob', region: ['src/**'] })

    const answer = await verifyLedger(bed.store, STREAM)

    expect(answer.checks.filter(({ ok }) => !ok)).toEqual([])
    expect(answer.ok).toBe(true)
    expect(checkNamed(answer, 'tokens-increase').count).toBe(4)
    expect(checkNamed(answer, 'no-double-grant').count).toBe(3)
    expect(checkNamed(answer, 'checkpoints-equal-fold').count).toBe(1)
    expect(checkNamed(answer, 'refusals').count).toBe(1)
    expect(answer.unrecognised).toBe(0)
  })

  it('an empty stream is in order', async () => {
    await using bed = await open()
    expect(await verifyLedger(bed.store, STREAM)).toMatchObject({ ok: true, unrecognised: 0 })
  })

  it('catches a double grant that was written past the decider', async () => {
    await using bed = await open()
    const scribe = await Scribe.found(bed.store)
    await scribe.hold('api', { region: ['src/api/**'] })
    await scribe.forge(grantOf('other', 2, { region: ['src/*/index.ts'] }))
    const answer = await verifyLedger(bed.store, STREAM)
    expect(answer.ok).toBe(false)
    expect(checkNamed(answer, 'no-double-grant')).toMatchObject({ ok: false, count: 1, severity: 'fault' })
    expect(checkNamed(answer, 'no-double-grant').detail).toContain('api@1')
  })

  it('catches a grant beyond the budget of its kind, one that drains counted', async () => {
    await using bed = await open()
    const scribe = await Scribe.found(bed.store)
    const kinds = { big: { budget: 2 } }
    await scribe.tell({ type: 'configure', config: { ...scribe.state.config, kinds } })
    const claim = (lane: string) => ({ lane, region: [], kind: 'big' })
    await scribe.tell({ type: 'acquire', holder: 'ada', claims: [claim('a')] })
    await scribe.tell({ type: 'acquire', holder: 'bob', claims: [claim('b')] })
    const token = [...scribe.state.leases.values()][0]?.token ?? -1
    expect(checkNamed(await verifyLedger(bed.store, STREAM), 'no-budget-exceeded')).toMatchObject({ ok: true })
    await scribe.tell({ type: 'scavenge', lane: 'a', token, force: true })
    await scribe.forge(grantOf('c', scribe.state.head + 1, { kind: 'big' }))
    const found = checkNamed(await verifyLedger(bed.store, STREAM), 'no-budget-exceeded')
    expect(found).toMatchObject({ ok: false, count: 1, severity: 'fault' })
    expect(found.detail).toContain('3 of the kind big, whose budget is 2')
  })

  it('catches a grant over a lease that has expired and was never ended', async () => {
    await using bed = await open()
    const scribe = await Scribe.found(bed.store)
    await scribe.hold('api')
    bed.time.advance(10_000_000)
    await scribe.forge(grantOf('api', 2))
    expect((await verifyLedger(bed.store, STREAM)).ok).toBe(false)
  })

  it('catches a grant over a draining entry', async () => {
    await using bed = await open()
    const scribe = await Scribe.found(bed.store)
    const { token } = await scribe.hold('api')
    await scribe.tell({ type: 'scavenge', lane: 'api', token, force: true })
    await scribe.forge(grantOf('api', 3))
    const answer = await verifyLedger(bed.store, STREAM)
    expect(answer.ok).toBe(false)
    expect(checkNamed(answer, 'no-grant-over-draining')).toMatchObject({ ok: false, count: 1 })
  })

  it('catches a grant that is not named after its token', async () => {
    await using bed = await open()
    const scribe = await Scribe.found(bed.store)
    await scribe.forge(grantOf('api', 77))
    expect(checkNamed(await verifyLedger(bed.store, STREAM), 'tokens-increase').ok).toBe(false)
  })

  it('counts events under a stale token as a finding', async () => {
    await using bed = await open()
    const scribe = await Scribe.found(bed.store)
    const { lane, leaseId } = await scribe.hold('api')
    await scribe.forge(
      { type: 'HEARTBEAT', data: { lane, leaseId, token: 0, reason: '' } },
      { type: 'RELEASE', data: { lane, leaseId, token: 0, reason: '' } },
    )
    const answer = await verifyLedger(bed.store, STREAM)
    expect(answer.ok).toBe(true)
    expect(checkNamed(answer, 'stale-tokens')).toMatchObject({ ok: false, count: 2, severity: 'finding' })
  })

  it('a release that ends what is still remembered as draining is none, though the log’s time is past it', async () => {
    await using bed = await open()
    const scribe = await Scribe.found(bed.store)
    const { lane, leaseId, token, expiresAtMs } = await scribe.hold('api')
    await scribe.tell({ type: 'scavenge', lane, token, force: true })
    bed.time.advance(expiresAtMs - (await bed.store.now(STREAM)) + 1)
    await scribe.forge({ type: 'RELEASE', data: { lane, leaseId, token, reason: '' } })
    expect(checkNamed(await verifyLedger(bed.store, STREAM), 'stale-tokens').ok).toBe(true)
    await scribe.forge({ type: 'RELEASE', data: { lane, leaseId, token, reason: '' } })
    expect(checkNamed(await verifyLedger(bed.store, STREAM), 'stale-tokens').count).toBe(1)
  })

  it('counts what it cannot read as a finding, with its revision', async () => {
    await using bed = await open()
    const scribe = await Scribe.found(bed.store)
    await scribe.forge({ type: 'ACQUIRE', data: { lane: 7 } }, { type: 'FUTURE', data: {} })
    const answer = await verifyLedger(bed.store, STREAM)
    expect(answer).toMatchObject({ ok: true, unrecognised: 2 })
    expect(checkNamed(answer, 'unrecognised').detail).toMatch(/r1 invalid.*r2 unknown-type/)
  })

  it('leases of an import may conflict: a finding', async () => {
    await using bed = await open()
    const scribe = await Scribe.found(bed.store)
    const origin = { format: 'dos-journal' }
    await scribe.forge(
      { ...grantOf('api', 1, { leaseId: 't1/api', token: null }), origin },
      { ...grantOf('api', 2, { leaseId: 't2/api', token: null }), origin },
    )
    const answer = await verifyLedger(bed.store, STREAM)
    expect(answer.ok).toBe(true)
    expect(checkNamed(answer, 'imported-conflicts')).toMatchObject({ ok: false, count: 1 })
  })

  it('catches a CHECKPOINT that carries another state than the log', async () => {
    await using bed = await open()
    const scribe = await Scribe.found(bed.store)
    const { token } = await scribe.hold('api')
    await scribe.tell({ type: 'checkpoint' })
    const checkpoint = scribe.written.at(-1)
    if (checkpoint?.type !== 'CHECKPOINT') throw new Error('no CHECKPOINT was written')
    await scribe.tell({ type: 'release', lane: 'api', holder: 'ada', token })
    await scribe.forge({ type: 'CHECKPOINT', data: { ...checkpoint.data, throughRevision: 3 } })
    const answer = await verifyLedger(bed.store, STREAM)
    expect(answer.ok).toBe(false)
    expect(checkNamed(answer, 'checkpoints-equal-fold').detail).toContain('leases')
  })

  it('a CHECKPOINT whose times an older program guessed is a finding, and the next one is in order', async () => {
    await using bed = await open()
    const scribe = await Scribe.found(bed.store)
    await scribe.hold('api')
    await scribe.tell({ type: 'checkpoint' })
    const checkpoint = scribe.written.at(-1)
    if (checkpoint?.type !== 'CHECKPOINT') throw new Error('no CHECKPOINT was written')
    const off = (ms: number, field: RegExp) => {
      const early = (key: string, value: unknown) => (field.test(key) && typeof value === 'number' ? value - ms : value)
      const data: unknown = JSON.parse(JSON.stringify(checkpoint.data), early)
      return { ...(typeof data === 'object' ? data : {}), throughRevision: scribe.state.head }
    }
    const guessed = /^(?:clock|acquiredAt|ownedSince|lastBeatAt|safeUntil|expiresAt)Ms$/
    await scribe.forge({ type: 'CHECKPOINT', data: off(143, guessed) })
    await scribe.tell({ type: 'checkpoint' })
    const answer = await verifyLedger(bed.store, STREAM)
    expect(answer.ok).toBe(true)
    expect(checkNamed(answer, 'checkpoints-equal-fold')).toMatchObject({ ok: true, count: 3 })
    expect(checkNamed(answer, 'checkpoint-times')).toMatchObject({ ok: false, count: 1, severity: 'finding' })
    expect(checkNamed(answer, 'checkpoint-times').detail).toBe('r3 was written with guessed times in clockMs, leases')

    // What no guess of the clock makes is a fault.
    const forged = [off(1, /ttlMs/), off(60_000, guessed), off(14_500, /^expiresAtMs$/), off(14_500, /AtMs$/)]
    for (const data of forged) await scribe.forge({ type: 'CHECKPOINT', data })
    bed.time.advance(10_000)
    // A beat of long before is not of the CHECKPOINT's append.
    await scribe.forge({ type: 'CHECKPOINT', data: off(14_500, guessed) })
    const faults = checkNamed(await verifyLedger(bed.store, STREAM), 'checkpoints-equal-fold')
    for (const revision of [5, 6, 7, 8, 9]) {
      expect(faults.detail).toContain(`r${revision} differs from the fold in`)
    }
  })

  it('catches a CHECKPOINT of another ledger', async () => {
    await using bed = await open()
    const scribe = await Scribe.found(bed.store)
    const genesis = scribe.written[0]
    if (genesis?.type !== 'CHECKPOINT') throw new Error('no genesis was written')
    const ledgerId = '7d9d1c1e-6f63-4a6b-9a55-1f2a3b4c5d6e'
    await scribe.forge({ type: 'CHECKPOINT', data: { ...genesis.data, ledgerId, throughRevision: 0 } })
    expect(checkNamed(await verifyLedger(bed.store, STREAM), 'one-ledger').ok).toBe(false)
  })
})

describe('verify on a tampered database', () => {
  it('says that the log cannot be read instead of failing', async () => {
    const [, sqlite] = BEDS
    await using bed = await sqlite.open()
    const scribe = await Scribe.found(bed.store)
    await scribe.hold('api')
    const path = bed.path ?? ''
    await bed.store.close()
    const database = new DatabaseSync(path)
    database.exec(`UPDATE events SET body = replace(body, 'ada', 'eve')`)
    database.close()

    await using store = await openSqliteStore({ path, clock: bed.time.wall, bootClock: bed.time.boot })
    const answer = await verifyLedger(store, STREAM)

    expect(answer.ok).toBe(false)
    expect(answer.checks.filter(({ ok }) => !ok).length).toBeGreaterThan(0)
  })
})
