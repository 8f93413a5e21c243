import { drainsOver, liveLeases, type Lease } from '@holdfast/core'
import { describe, expect, test } from 'vitest'
import { SMALL, type Config } from './harness/alphabet.ts'
import { acquire, adopt, beat, checkpoint, configure, release, scavenge } from './harness/commands.ts'
import { CoreLedger } from './harness/core-ledger.ts'
import { adopted, expectOutcome, granted } from './harness/outcomes.ts'

const alone = (...lanes: string[]): Config => ({ ...SMALL, exclusiveLanes: lanes })

/** X on lane x and Y on lane y, both live. */
function both(): { ledger: CoreLedger; x: Lease; y: Lease } {
  const ledger = new CoreLedger()
  const x = granted(ledger.run(acquire('x', 'X')))
  return { ledger, x, y: granted(ledger.run(acquire('y', 'Y'))) }
}

const refusedConfig = (ledger: CoreLedger, config: Config) => {
  const { faults } = expectOutcome(ledger.run(configure(config)), 'invalid')
  return faults[0]
}

describe('a lane that becomes exclusive', () => {
  test('waits for two that are live', () => {
    const { ledger } = both()
    expect(refusedConfig(ledger, alone('x'))).toMatchObject({ path: 'exclusiveLanes', untilMs: 12 })
  })

  test('waits for one that drains beside a live one on the lane, and says which, until when, and what ends it', () => {
    const { ledger, y } = both()
    ledger.run(scavenge(y, { force: true }))
    const fault = refusedConfig(ledger, alone('x'))
    expect(fault).toMatchObject({ path: 'exclusiveLanes', untilMs: 12 })
    expect(fault?.message).toBe(
      'lane x cannot be exclusive yet: x@1 is live, and y@2 drains (its old holder may still believe in it); wait until one has ended, or until the old holder releases it under its old token',
    )
    expectOutcome(ledger.run(release(y)), 'drained')
    expectOutcome(ledger.run(configure(alone('x'))), 'checkpointed')
  })

  test('waits for one that drains on the lane beside a live one', () => {
    const { ledger, x, y } = both()
    ledger.run(scavenge(x, { force: true }))
    refusedConfig(ledger, alone('x'))
    ledger.at(4).run(beat(y))
    refusedConfig(ledger.at(11), alone('x'))
    expectOutcome(ledger.at(12).run(configure(alone('x'))), 'checkpointed')
  })

  test('waits for two that drain: nobody tells either holder', () => {
    const { ledger, x, y } = both()
    for (const lease of [x, y]) ledger.run(scavenge(lease, { force: true }))
    expect(refusedConfig(ledger, alone('x'))?.message).toContain('x@1 drains')
    expectOutcome(ledger.at(12).run(configure(alone('x'))), 'checkpointed')
  })

  test('waits for readers of the lane, one of whom drains', () => {
    const ledger = new CoreLedger()
    const [first] = ['R1', 'R2'].map(holder => granted(ledger.run(acquire('x', holder, { mode: 'shared' }))))
    if (first === undefined) throw new Error('two were granted')
    ledger.run(scavenge(first, { force: true }))
    refusedConfig(ledger, alone('x'))
  })

  test('waits for nobody whom the rules of before keep apart already: an adopter and what drains from before him', () => {
    const ledger = new CoreLedger()
    const mine = adopted(ledger.run(adopt(granted(ledger.run(acquire('x', 'A'))), 'B', { force: true })))
    expectOutcome(ledger.run(configure(alone('x'))), 'checkpointed')
    expect(drainsOver(ledger.state, mine, ledger.nowMs)).toHaveLength(1)
  })

  test('waits for a restored ledger to drain: nobody knows who believes in what', () => {
    const { ledger } = both()
    for (const lease of liveLeases(ledger.state)) ledger.run(release(lease))
    ledger.run(checkpoint({ restored: { force: false } }))
    expect(refusedConfig(ledger, alone('x'))).toMatchObject({ untilMs: 43 })
    expectOutcome(ledger.at(43).run(configure(alone('x'))), 'checkpointed')
  })

  test('waits on a clock that can step for as long as the decider cannot count on it', () => {
    const { ledger, y } = both()
    ledger.run(scavenge(y, { force: true }))
    const ownClock = { nowMs: 0, watched: new Map() }
    expect(ledger.at(13).decides(configure(alone('x')), { ownClock })).toMatchObject({ outcome: 'invalid' })
    expect(ledger.at(17).decides(configure(alone('x')), { ownClock })).toMatchObject({ outcome: 'checkpointed' })
  })
})

describe('a log in which an older program made the lane exclusive over what drains', () => {
  test('opens no guard beside it, until it is over', () => {
    const { ledger, x, y } = both()
    ledger.run(scavenge(y, { force: true }))
    const [genesis] = ledger.log
    const checkpointed = expectOutcome(ledger.run(checkpoint()), 'checkpointed')
    const entry = ledger.log.at(-1)
    if (genesis === undefined || entry?.type !== 'CHECKPOINT') throw new Error(checkpointed.outcome)
    const data = { ...entry.data, config: { ...entry.data.config, exclusiveLanes: [x.lane] } }
    ledger.push({ ...entry, revision: ledger.nextRevision(), data })
    expect(drainsOver(ledger.state, x, 11).map(({ token }) => token)).toEqual([y.token])
    expect(drainsOver(ledger.state, x, 12)).toEqual([])
  })
})
