import {
  evolve,
  initialState,
  Lane,
  LeaseId,
  type EpochMs,
  type LedgerState,
  type LogEntry,
  type StateSnapshot,
} from '@holdfast/core'
import { later } from '@holdfast/core/internal'
import {
  checkpointChangesNothing,
  compactionKeepsTheFold,
  incrementalIsWhole,
  snapshotAndTail,
  writeCheckpoint,
  type CutHistory,
  type Folding,
  type WriteCheckpoint,
} from '@holdfast/core/laws'
import {
  contentionProjection,
  countsProjection,
  haltsProjection,
  historyProjection,
  lateBeatsProjection,
  lineageProjection,
  liveProjection,
  project,
  runsProjection,
  spawnsProjection,
  waitingProjection,
  type Past,
  type Projection,
} from '@holdfast/projections'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cut, decided, mixed } from '../core/harness/histories.ts'
import { expectCaught, expectEqual, runs } from '../core/harness/properties.ts'

/** Instants at which views are compared, after the log's own time. */
const LATER_MS = [0, 5, 1000]

type StateProjection = Projection<LedgerState, unknown>

/** A state projection as something that core's laws can look at. */
function stateFolding({ initial, evolve, view }: StateProjection): Folding<LedgerState> {
  return { initial, evolve, view: state => LATER_MS.map(spanMs => view(state, later(state.clockMs, spanMs))) }
}

function pastFolding<T>({ initial, evolve, view }: Projection<Past<T>, unknown>): Folding<Past<T>> {
  return { initial, evolve, view: state => view(state, 0 as EpochMs) }
}

/** Each state projection, with the part of a snapshot that it lives on. */
const STATE: readonly { readonly projection: StateProjection; readonly part: keyof StateSnapshot }[] = [
  { projection: liveProjection, part: 'leases' },
  { projection: waitingProjection, part: 'tickets' },
  { projection: haltsProjection, part: 'halts' },
  { projection: spawnsProjection, part: 'spawns' },
  { projection: countsProjection, part: 'counts' },
]

function onCuts(logs: fc.Arbitrary<LogEntry[]>, law: (history: CutHistory) => void) {
  return fc.property(logs, fc.nat({ max: 100 }), (log, where) => {
    const history = cut(log, where)
    const { ledgerId, foreign } = history.before.reduce(evolve, initialState())
    fc.pre(ledgerId !== null && !foreign)
    law(history)
  })
}

const law2 = (projection: StateProjection) =>
  onCuts(mixed, history => expectEqual(compactionKeepsTheFold(stateFolding(projection), history)))
const law3 = (projection: StateProjection) =>
  onCuts(mixed, history => expectEqual(checkpointChangesNothing(stateFolding(projection), history)))
const law9 = (projection: StateProjection, write: WriteCheckpoint = writeCheckpoint) =>
  onCuts(mixed, history => {
    expectEqual(incrementalIsWhole(stateFolding(projection), history))
    expectEqual(snapshotAndTail(history, write, stateFolding(projection)))
  })

describe.each(STATE)('state projection $projection.name', ({ projection, part }) => {
  test('restores from a CHECKPOINT alone (law 2)', () => {
    fc.assert(law2(projection), runs(100))
  })

  test('a CHECKPOINT anywhere changes nothing (law 3)', () => {
    fc.assert(law3(projection), runs(100))
  })

  test('snapshot and tail, and pieces that come again, give the whole (law 9)', () => {
    fc.assert(law9(projection), runs(100))
  })

  test('mutant: a fold that lets CHECKPOINTs pass does not restore', () => {
    expectCaught(law2({ ...projection, evolve: deafToCheckpoints }))
  })

  test('mutant: a view that shows the head notices a CHECKPOINT', () => {
    expectCaught(law3({ ...projection, view: (state, nowMs) => [projection.view(state, nowMs), state.head] }))
  })

  test('mutant: a snapshot that loses what it lives on is not the whole', () => {
    expectCaught(law9(projection, losing(part)))
  })
})

function deafToCheckpoints(state: LedgerState, entry: LogEntry): LedgerState {
  return entry.type === 'CHECKPOINT' && state.ledgerId === entry.data.ledgerId ? state : evolveOnly(state, entry)
}

/** Genesis sets the ledger's id and nothing else. */
function evolveOnly(state: LedgerState, entry: LogEntry): LedgerState {
  if (entry.type !== 'CHECKPOINT') return evolve(state, entry)
  return { ...state, ledgerId: entry.data.ledgerId, head: entry.revision }
}

function losing(part: keyof StateSnapshot): WriteCheckpoint {
  return state => {
    const data = writeCheckpoint(state)
    if (data.state.carrier !== 'inline') return data
    const value = Object.fromEntries(Object.entries(data.state.value ?? {}).filter(([name]) => name !== part))
    return { ...data, state: { carrier: 'inline', value } }
  }
}

const PAST = [
  historyProjection({ lane: Lane.parse('x') }),
  historyProjection({ leaseId: LeaseId.parse('x@1') }),
  lineageProjection,
  runsProjection,
  contentionProjection,
  lateBeatsProjection(),
] as const

describe('past projections', () => {
  const law3Past = <T>(projection: Projection<Past<T>, unknown>) =>
    onCuts(mixed, history => expectEqual(checkpointChangesNothing(pastFolding(projection), history)))
  const law9Past = <T>(projection: Projection<Past<T>, unknown>) =>
    onCuts(mixed, history => expectEqual(incrementalIsWhole(pastFolding(projection), history)))

  test('a CHECKPOINT within the whole past says nothing (laws 2b and 3)', () => {
    fc.assert(law3Past(PAST[0]), runs(100))
    fc.assert(law3Past(PAST[1]), runs(100))
    fc.assert(law3Past(PAST[2]), runs(100))
    fc.assert(law3Past(PAST[3]), runs(100))
    fc.assert(law3Past(PAST[4]), runs(100))
    fc.assert(law3Past(PAST[5]), runs(100))
  })

  test('pieces that come again change nothing (law 9)', () => {
    fc.assert(law9Past(PAST[0]), runs(100))
    fc.assert(law9Past(PAST[1]), runs(100))
    fc.assert(law9Past(PAST[2]), runs(100))
    fc.assert(law9Past(PAST[3]), runs(100))
    fc.assert(law9Past(PAST[4]), runs(100))
    fc.assert(law9Past(PAST[5]), runs(100))
  })

  test('mutant: a past that forgets how far it reaches is not the whole', () => {
    const forgetful: typeof runsProjection = {
      ...runsProjection,
      evolve: (past, entry) => runsProjection.evolve({ ...past, head: -1 }, entry),
    }
    expectCaught(law9Past(forgetful))
  })

  test('the lineage of what is live ends in the token and holder that the state has', () => {
    const logs = decided()
    fc.assert(
      fc.property(logs, log => {
        const state = log.reduce(evolve, initialState())
        const lineages = lineageProjection.view(project(lineageProjection, log), 0 as EpochMs)
        const live = lineages.filter(({ end }) => end === null)
        const owners = new Map(live.map(({ leaseId, owners }) => [leaseId, owners.at(-1)]))
        expect([...owners.keys()].sort()).toEqual([...state.leases.keys()].sort())
        for (const lease of state.leases.values()) {
          expect(owners.get(lease.leaseId)).toMatchObject({ token: lease.token, holder: lease.holder })
        }
      }),
      runs(200),
    )
  })
})
