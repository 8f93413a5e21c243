import { isDeepStrictEqual } from 'node:util'
import {
  decide,
  evolve,
  fork,
  parseEntry,
  recordNext,
  snapshotState,
  type Lease,
  type LedgerState,
  type LogEntry,
  type Outcome,
  type ProposedEvent,
  type RawEntry,
  type RecordedEvent,
} from '@holdfast/core'
import { asRecorded, readsAsWritten } from '@holdfast/core/internal'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nextEventId, processOf } from './harness/alphabet.ts'
import { CoreLedger, type Deciding } from './harness/core-ledger.ts'
import { decided } from './harness/histories.ts'
import { expectCaught, runs } from './harness/properties.ts'
import { RICH, RICH_APART } from './harness/steps.ts'

type Recording = typeof asRecorded
type Telling = typeof readsAsWritten

/** What a reader gets of an event. */
const readBack = (event: RecordedEvent): LogEntry => parseEntry(JSON.parse(JSON.stringify(event)) as RawEntry)

/** In the order of the fields too: it is what a CHECKPOINT writes down. */
const stated = (state: LedgerState): string => JSON.stringify(snapshotState(state))

const ACTORS = [null, processOf(7)]

/** Seen since the test began, by type of event: which of them were folded as written. */
const seen = { asWritten: new Set<string>(), all: new Set<string>() }

/** A decider that looks at each decision: what its writer folds of it must be what a reader folds. */
function watching(found: string[], record: Recording = asRecorded, tells: Telling = readsAsWritten): Deciding {
  return (state, command, around) => {
    const decision = decide(state, command, around)
    let written = fork(state)
    let read = fork(state)
    for (const [index, event] of decision.events.entries()) {
      const eventId = nextEventId()
      const actor = ACTORS[index % ACTORS.length] ?? null
      const recorded = { ...recordNext(read, event, { nowMs: around.nowMs, eventId }), actor }
      const entry = readBack(recorded)
      const own = tells(event) ? record(event, recorded) : entry
      seen.all.add(event.type)
      if (own !== entry) seen.asWritten.add(event.type)
      if (!isDeepStrictEqual(own, entry)) found.push(`${event.type} is folded otherwise than it is read`)
      written = evolve(written, own)
      read = evolve(read, entry)
      if (stated(written) !== stated(read)) found.push(`the state after ${event.type} differs`)
    }
    if (decision.kind === 'final') found.push(...leasesUnlike(read, decision.outcome))
    return decision
  }
}

/** A decision answers with the lease before anything is folded. */
function leasesUnlike(state: LedgerState, outcome: Outcome): readonly string[] {
  return leasesOf(outcome)
    .filter(lease => !isDeepStrictEqual(lease, state.leases.get(lease.leaseId)))
    .map(({ leaseId }) => `the answer's lease ${leaseId} is not the one in the state`)
}

function leasesOf(outcome: Outcome): readonly Lease[] {
  if (outcome.outcome === 'granted') return [outcome.lease, ...outcome.leases]
  return outcome.outcome === 'adopted' || outcome.outcome === 'beaten' ? [outcome.lease] : []
}

const holds = (config = RICH, record?: Recording, tells?: Telling) => {
  const found: string[] = []
  return fc.property(decided({ config, decide: watching(found, record, tells) }), () => {
    expect(found.splice(0)).toEqual([])
  })
}

const always: Telling = event => event.type !== 'CHECKPOINT'

describe('what a writer folds of its own events is what a reader folds', () => {
  test('in any decided history, and each answer has the leases that the fold has', () => {
    fc.assert(holds(), runs(80))
    fc.assert(holds(RICH_APART), runs(40))
    expect(seen.all.size).toBe(9)
    expect(seen.asWritten.size).toBe(8)
    expect(seen.asWritten.has('CHECKPOINT')).toBe(false)
  })

  const mutants: readonly (readonly [string, Recording])[] = [
    ['an earlier time', (event, at) => asRecorded(event, { ...at, recordedAt: (at.recordedAt - 1) as never })],
    ['another revision', (event, at) => asRecorded(event, { ...at, revision: (at.revision + 1) as never })],
    ['no run', ({ runId: _, ...event }, at) => asRecorded(event, at)],
    ['no causation', ({ causation: _, ...event }, at) => asRecorded(event, at)],
    ['no actor', (event, at) => asRecorded(event, { ...at, actor: null })],
  ]
  test.each(mutants)('a writer that folds %s is caught', (_, record) => {
    expectCaught(holds(RICH, record))
  })

  test('an answer with a lease of another time is caught', () => {
    const late: Deciding = (state, command, around) => {
      const decision = decide(state, command, around)
      if (decision.kind === 'again' || decision.outcome.outcome !== 'beaten') return decision
      const lease = { ...decision.outcome.lease, expiresAtMs: around.nowMs }
      return { ...decision, outcome: { ...decision.outcome, lease } }
    }
    const found: string[] = []
    const deciding: Deciding = (state, command, around) => {
      const decision = late(state, command, around)
      let after = fork(state)
      for (const event of decision.events) after = evolve(after, recordNext(after, event, { nowMs: around.nowMs }))
      if (decision.kind === 'final') found.push(...leasesUnlike(after, decision.outcome))
      return decision
    }
    expectCaught(fc.property(decided({ decide: deciding }), () => expect(found.splice(0)).toEqual([])))
  })
})

/** What a caller from JavaScript may put into an identity beside what it must have. */
const EXTRA = fc.constantFrom<unknown>(
  undefined,
  null,
  -0,
  0.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  'x',
  '\u0000\ud800',
  true,
  [1, 2],
  { deep: { deeper: 1 } },
  new Date(0),
  () => 1,
  Symbol('s'),
  { toJSON: () => 'other' },
)

/** An event as a caller from JavaScript may have it made. */
function untyped(type: 'ACQUIRE' | 'SPAWN', data: object): ProposedEvent {
  // Its data is what the types deny: that is the case.
  return { type, data } as unknown as ProposedEvent
}

const odd = (tells: Telling) =>
  fc.property(EXTRA, fc.constantFrom('process', 'children'), (extra, where) => {
    const process = { ...processOf(3), extra }
    const data = { process: where === 'process' ? process : null, children: where === 'children' ? [process] : [] }
    const asked = { lane: 'x', leaseId: 'x@1', holder: 'A', kind: null, mode: 'exclusive', region: [] } as const
    const rest = { ttlMs: 1, graceMs: 1, attempt: 1, maxAttempts: 1, reap: 'optional', reason: '' } as const
    const event = untyped('ACQUIRE', { ...asked, ...rest, ...data })
    const at = { ...recordNext(new CoreLedger().state, event, { nowMs: 5 as never }), eventId: nextEventId() }
    if (tells(event)) expect(asRecorded(event, at)).toStrictEqual(readBack({ ...at, ...event }))
  })

describe('what JSON would change, or its caller could still change, is read back', () => {
  test('whatever stands beside the fields of a process', () => {
    fc.assert(odd(readsAsWritten), runs(200))
    const nested = { process: { ...processOf(3), extra: { deep: 1 } } }
    expect(readsAsWritten(untyped('SPAWN', nested))).toBe(false)
    expect(readsAsWritten(untyped('SPAWN', { ttlMs: -0 }))).toBe(false)
    expect(readsAsWritten(untyped('SPAWN', { ttlMs: 1 }))).toBe(true)
  })

  test.each([
    ['a date', new Date(0)],
    ['an object with a prototype that JSON asks', Object.create({ toJSON: () => 'other' })],
    ['an object with a key `__proto__` of its own', JSON.parse('{"__proto__":1}')],
  ])('%s in the place of an identity', (_, process: object) => {
    expect(readsAsWritten(untyped('SPAWN', { process }))).toBe(false)
    expect(readsAsWritten(untyped('ACQUIRE', { children: [process] }))).toBe(false)
  })

  test('a writer that folds it as it is, is caught', () => {
    expectCaught(odd(always))
  })
})
