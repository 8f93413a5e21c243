import { decide, fork, type Lease, type LedgerState, type LogEntry } from '@holdfast/core'
import { CORE, noTwoLeasesConflict } from '@holdfast/core/laws'
import * as fc from 'fast-check'
import { describe, test } from 'vitest'
import type { Deciding } from './harness/core-ledger.ts'
import { decided } from './harness/histories.ts'
import { expectCaught, expectEqual, runs } from './harness/properties.ts'
import { RICH_APART } from './harness/steps.ts'

const holds = (logs: fc.Arbitrary<LogEntry[]>, folding = CORE) =>
  fc.property(logs, log => expectEqual(noTwoLeasesConflict(log, folding)))

/** A decider that overlooks a part of the state. */
const overlooking = (forget: (state: ReturnType<typeof fork>) => void): Deciding => {
  return (state, command, around) => {
    const blind = fork(state)
    forget(blind)
    return decide(blind, command, around)
  }
}

const forgetsDraining = overlooking(state => {
  for (const [key] of state.draining.live(Number.NEGATIVE_INFINITY)) state.draining.delete(key)
})

const forgetsOneLease = overlooking(state => {
  const [leaseId] = state.leases.keys()
  if (leaseId !== undefined) state.leases.delete(leaseId)
})

/** Everything that stands in an unknown tree is taken for what stands in a tree of its own. */
const knowsEveryTree = overlooking(state => {
  for (const lease of state.leases.values()) {
    if (lease.workTree === null) state.leases.set(lease.leaseId, { ...lease, workTree: NOWHERE })
  }
  for (const [key, entry] of state.draining.live(Number.NEGATIVE_INFINITY)) {
    const { workTree = NOWHERE } = entry
    state.draining.set(key, { ...entry, workTree }, Number.NEGATIVE_INFINITY)
  }
})

const NOWHERE = { id: 'nowhere', path: '' }

/** Lets `config set` bring together what is apart, as if it were not. */
const bringsTogether: Deciding = (state, command, around) => {
  const { workTrees: _, ...config } = state.config
  return decide(command.type === 'configure' ? { ...state, config } : state, command, around)
}

/** A fold in which an adoption does something to the lease's work tree. */
const adopting = (change: (lease: Lease, state: LedgerState) => Lease['workTree']): typeof CORE => ({
  ...CORE,
  evolve: (state, entry) => {
    const evolved = CORE.evolve(state, entry)
    const lease = entry.type === 'ADOPT' ? evolved.leases.get(entry.data.leaseId) : undefined
    if (lease !== undefined) evolved.leases.set(lease.leaseId, { ...lease, workTree: change(lease, evolved) })
    return evolved
  },
})

const forgetsRegions: Deciding = (state, command, around) => {
  if (command.type !== 'acquire') return decide(state, command, around)
  const claims = command.claims.map(claim => ({ ...claim, region: [] }))
  const decision = decide(state, { ...command, claims }, around)
  const regionOf = new Map(command.claims.map(({ lane, region }) => [lane, region]))
  const events = decision.events.map(event =>
    event.type === 'ACQUIRE'
      ? { ...event, data: { ...event.data, region: regionOf.get(event.data.lane) ?? [] } }
      : event,
  )
  return { ...decision, events }
}

describe('no two live leases conflict, and none is granted over a draining entry (law 4)', () => {
  test('in any decided history', () => {
    fc.assert(holds(decided()), runs(400))
  })

  test('in any decided history that is compacted at every step', () => {
    const compacted = decided({ compactBetween: true })
    fc.assert(holds(compacted), runs(100))
  })

  test('in any decided history whose work trees are apart, or are made so', () => {
    fc.assert(holds(decided({ config: RICH_APART })), runs(300))
  })

  test('in any such history that is compacted at every step', () => {
    fc.assert(holds(decided({ config: RICH_APART, compactBetween: true })), runs(100))
  })

  test('mutant: a decider that takes an unknown tree for another one is caught', () => {
    expectCaught(holds(decided({ config: RICH_APART, decide: knowsEveryTree })))
  })

  test('mutant: a decider that brings trees together over what conflicts is caught', () => {
    expectCaught(holds(decided({ config: RICH_APART, decide: bringsTogether })))
  })

  test('mutant: an adoption that forgets the tree of its lease is caught', () => {
    expectCaught(
      holds(
        decided({ config: RICH_APART }),
        adopting(() => null),
      ),
    )
  })

  test('mutant: a decider that overlooks draining entries is caught', () => {
    expectCaught(holds(decided({ decide: forgetsDraining })))
  })

  test('mutant: a decider that overlooks one lease is caught', () => {
    expectCaught(holds(decided({ decide: forgetsOneLease })))
  })

  test('mutant: a CHECKPOINT that moves a lease onto the lane of another is caught', () => {
    const merging: typeof CORE = {
      ...CORE,
      evolve: (state, entry) => {
        const evolved = CORE.evolve(state, entry)
        const [first, second] = entry.type === 'CHECKPOINT' ? evolved.leases.values() : []
        if (first !== undefined && second !== undefined) {
          evolved.leases.set(second.leaseId, { ...second, lane: first.lane, mode: 'exclusive' })
        }
        return evolved
      },
    }
    expectCaught(holds(decided(), merging))
  })

  test('mutant: a decider that compares lanes only is caught', () => {
    expectCaught(holds(decided({ decide: forgetsRegions })))
  })
})
