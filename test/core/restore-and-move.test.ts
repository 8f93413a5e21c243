import { drainsOver, initialState, judgeWrites, type Lease } from '@holdfast/core'
import { CORE, checkpointChangesNothing, writeCheckpoint } from '@holdfast/core/laws'
import { describe, expect, test } from 'vitest'
import { acquire, adopt, beat, checkpoint, holderNamed, release, scavenge } from './harness/commands.ts'
import { CoreLedger } from './harness/core-ledger.ts'
import { expectOutcome, granted, refused } from './harness/outcomes.ts'
import { expectEqual } from './harness/properties.ts'

/** The longest that anybody could have been granted anything: the activity cap of 40 and the grace of 3. */
const DRAINED_MS = 43

function held(): { ledger: CoreLedger; lease: Lease } {
  const ledger = new CoreLedger()
  return { ledger, lease: granted(ledger.run(acquire('x', 'A', { region: ['src/**'] }))) }
}

function restored(force = false): { ledger: CoreLedger; lease: Lease } {
  const { ledger, lease } = held()
  expectOutcome(ledger.run(checkpoint({ restored: { force }, offset: 1_000 })), 'checkpointed')
  return { ledger, lease }
}

function writing(ledger: CoreLedger, holder: string, path: string) {
  const [verdict] = judgeWrites(ledger.state, { holder: holderNamed(holder), paths: [path], nowMs: ledger.nowMs })
  return verdict
}

describe('after a restore', () => {
  test('nothing is granted, on any lane, until every grant that was lost would be over', () => {
    const { ledger } = restored()
    for (const ask of [
      acquire('y', 'B'),
      acquire('y', 'B', { mode: 'shared' }),
      acquire('z', 'C', { region: ['docs/'] }),
    ]) {
      expect(refused(ledger.at(1).run(ask))).toMatchObject({ code: 'draining', earliestRetryAt: DRAINED_MS })
    }
    refused(ledger.at(DRAINED_MS - 1).run(acquire('y', 'B')))
    granted(ledger.at(DRAINED_MS).run(acquire('y', 'B')))
  })

  test('the log says until when', () => {
    const { ledger } = restored()
    expect(ledger.log.at(-1)).toMatchObject({ data: { restored: { forced: false, drainsUntil: DRAINED_MS } } })
  })

  test('no guard opens, not of a lease from before it either, and no path is unclaimed', () => {
    const { ledger, lease } = restored()
    expect(drainsOver(ledger.state, lease, ledger.nowMs)).toHaveLength(1)
    expect(drainsOver(ledger.state, lease, DRAINED_MS)).toEqual([])
    expect(writing(ledger, 'A', 'src/a.ts')).toMatchObject({ verdict: 'refused', basis: 'draining' })
    expect(writing(ledger, 'B', 'docs/a.md')).toMatchObject({ verdict: 'refused', basis: 'draining' })
    expect(writing(ledger.at(DRAINED_MS), 'B', 'docs/a.md')).toMatchObject({ verdict: 'unclaimed' })
  })

  test('nobody can say that those who are not known have stopped', () => {
    const { ledger } = restored()
    const [[, entry] = []] = ledger.state.draining.live(ledger.nowMs)
    if (entry === undefined) throw new Error('the ledger drains')
    expectOutcome(ledger.run(release(entry)), 'not-held')
    refused(ledger.run(acquire('y', 'B')))
  })

  test('beats and releases of what is live go on', () => {
    const { ledger, lease } = restored()
    expectOutcome(ledger.at(1).run(beat(lease)), 'beaten')
    expectOutcome(ledger.run(release(lease)), 'released')
  })

  test('by force nothing drains, and the log says so', () => {
    const { ledger } = restored(true)
    granted(ledger.run(acquire('y', 'B')))
    expect(ledger.log.at(-2)).toMatchObject({ data: { restored: { forced: true, drainsUntil: null } } })
  })
})

describe('what drains', () => {
  test('stands over later leases that conflict with it and over no others', () => {
    const { ledger, lease } = held()
    ledger.run(scavenge(lease, { force: true }))
    const beside = granted(ledger.run(acquire('y', 'B')))
    expect(drainsOver(ledger.state, beside, ledger.nowMs)).toEqual([])
    const elsewhere = granted(ledger.run(acquire('z', 'C')))
    ledger.run(scavenge(elsewhere, { force: true }))
    expect(drainsOver(ledger.state, beside, ledger.nowMs)).toEqual([])
    const again = new CoreLedger()
    const before = granted(again.run(acquire('x', 'A')))
    const after = expectOutcome(again.run(adopt(before, 'B', { force: true })), 'adopted').lease
    expect(drainsOver(again.state, after, again.nowMs).map(({ token }) => token)).toEqual([before.token])
  })

  test('without a region leaves every path to others', () => {
    const ledger = new CoreLedger()
    ledger.run(scavenge(granted(ledger.run(acquire('x', 'A'))), { force: true }))
    expect(writing(ledger, 'B', 'src/a.ts')).toMatchObject({ verdict: 'unclaimed' })
  })
})

describe('a move', () => {
  const THERE = 'esdb://there'

  function moved(): CoreLedger {
    const { ledger } = held()
    expectOutcome(ledger.run(checkpoint({ movedTo: THERE, clockOffset: 7 })), 'checkpointed')
    return ledger
  }

  test('that arrives opens the ledger again, with what it had', () => {
    const ledger = moved()
    const archive = { stream: 'a', from: 0, to: 1, sha256: 'a'.repeat(64) }
    expectOutcome(ledger.run(checkpoint({ arrivedAt: THERE, archive })), 'checkpointed')
    expect(ledger.state).toMatchObject({ movedTo: null, clockOffset: 7 })
    expect(ledger.log.at(-1)).toMatchObject({ data: { arrivedAt: THERE, archive: { stream: 'a' } } })
    expect(refused(ledger.run(acquire('x', 'B'))).code).toBe('lane-held')
  })

  test('arrives nowhere but where it went', () => {
    const ledger = moved()
    expect(ledger.run(checkpoint({ arrivedAt: 'esdb://elsewhere' }))).toMatchObject({
      outcome: 'blocked',
      code: 'moved',
    })
  })

  test('that never began does not arrive', () => {
    const { ledger } = held()
    const answer = ledger.run(checkpoint({ arrivedAt: THERE }))
    expect(answer).toMatchObject({ outcome: 'invalid', faults: [{ path: 'arrivedAt' }] })
  })

  test('is not undone by a compaction', () => {
    const ledger = moved()
    expect(writeCheckpoint(ledger.state).movedTo).toBe(THERE)
    expectEqual(checkpointChangesNothing(CORE, { before: ledger.log, after: [] }))
  })
})

test('a log that is no ledger yet is not written down', () => {
  expect(() => writeCheckpoint(initialState())).toThrow('without genesis')
})
