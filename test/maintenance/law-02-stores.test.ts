import { fold, Lane, type LogEntry } from '@holdfast/core'
import { compare, CORE } from '@holdfast/core/laws'
import { compactLedger, type Ledger } from '@holdfast/engine'
import {
  historyProjection,
  lineageProjection,
  loadLedger,
  project,
  runsProjection,
  verifyLedger,
} from '@holdfast/projections'
import type { CommitDecider, LogStore, NewEvent } from '@holdfast/store'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { expectEqual, runs } from '../core/harness/properties.ts'
import { wrapped } from '../store/harness/wrapped-store.ts'
import { Bed, historyOf } from './bed.ts'

const CONFIG = {
  ttlDefaultMs: 900,
  ttlCeilingMs: 2000,
  graceMs: 300,
  activityCapMs: 2000,
  ticketTtlMs: 600,
  refusalWindowMs: 200,
  requestMemoryMs: 3000,
}

const lane = fc.constantFrom('a', 'b')
const holder = fc.constantFrom('H', 'I')
const step = fc.oneof(
  fc.record({
    does: fc.constant('acquire' as const),
    lane,
    holder,
    region: fc.constantFrom([], ['src/**'], ['src/*.ts']),
    requestId: fc.constantFrom(undefined, 'r1', 'r2'),
    runId: fc.constantFrom(undefined, 'run'),
  }),
  fc.record({
    does: fc.constantFrom('release' as const, 'beat' as const, 'adopt' as const, 'scavenge' as const),
    lane,
    holder,
  }),
  fc.record({ does: fc.constant('intend' as const), intent: fc.constantFrom('halt', 'spawn'), lane, holder }),
  fc.record({ does: fc.constant('pass' as const), spanMs: fc.constantFrom(100, 700, 1300) }),
  fc.record({ does: fc.constant('compact' as const) }),
)
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

const scripts = fc
  .tuple(fc.array(step, { minLength: 3, maxLength: 15 }), fc.array(step, { maxLength: 10 }))
  .map(([before, after]): Step[] => [...before, { does: 'compact' }, ...after])

/** Plays a script with compactions in it; gives every entry as it was appended. */
async function play(bed: Bed, ledger: Ledger, script: readonly Step[]): Promise<LogEntry[]> {
  const seen: LogEntry[] = []
  const take = async (): Promise<void> => {
    const last = seen.at(-1)?.revision ?? -1
    for await (const entries of ledger.store.read('default'))
      seen.push(...entries.filter(({ revision }) => revision > last))
  }
  for (const one of script) {
    // What a compaction takes away has been seen before it.
    await take()
    await perform(bed, ledger, one)
  }
  await take()
  return seen
}

async function perform(bed: Bed, ledger: Ledger, one: Step): Promise<void> {
  if (one.does === 'compact') await compactLedger(ledger)
  else if (one.does === 'pass') await bed.time.to(bed.time.nowMs + one.spanMs)
  else if (one.does === 'intend' && one.intent === 'halt') await ledger.halt({ handle: 'stop', lane: one.lane })
  else if (one.does === 'intend') await ledger.spawn({ lane: one.lane, holder: one.holder, ttl: 500 })
  else if (one.does === 'acquire') {
    const { does: _, ...request } = one
    await ledger.acquire({ ...request, process: null })
  } else await performOnHeld(ledger, one)
}

async function performOnHeld(
  ledger: Ledger,
  one: { does: 'release' | 'beat' | 'adopt' | 'scavenge'; lane: string; holder: string },
) {
  const held = (await ledger.leases()).find(lease => lease.lane === one.lane)
  if (held === undefined) return
  const { token } = held
  if (one.does === 'release') await ledger.release({ lane: one.lane, holder: one.holder, token })
  if (one.does === 'beat') await ledger.heartbeat({ lane: one.lane, holder: one.holder, token, progress: 'p' })
  if (one.does === 'adopt')
    await ledger.adopt({ lane: one.lane, newHolder: one.holder, expectToken: token, force: true })
  if (one.does === 'scavenge') await ledger.scavenge({ lane: one.lane, token, force: true })
}

/** 2a: the fold of what is left equals the fold of everything with no CHECKPOINT but genesis. */
async function stateIsKept(bed: Bed, script: readonly Step[], wrap: (store: LogStore) => LogStore = store => store) {
  const ledger = await bed.ledger(CONFIG, wrap(await bed.store()))
  const seen = await play(bed, ledger, script)
  const whole = fold(seen.filter(({ type }, index) => index === 0 || type !== 'CHECKPOINT'))
  const { state } = await loadLedger(ledger.store, 'default')
  whole.head = state.head
  // An entry that has ended by the log's clock answers nothing; it may or may not be there still.
  expectEqual(compare(CORE.view(whole), CORE.view(state)))
}

/** 2b: views of the whole past say the same over archive and log. */
async function pastIsKept(bed: Bed, script: readonly Step[], wrap: (store: LogStore) => LogStore = store => store) {
  const ledger = await bed.ledger(CONFIG)
  const seen = await play(bed, ledger, script)
  const history = await historyOf(wrap(ledger.store))
  for (const projection of [lineageProjection, runsProjection, historyProjection({ lane: Lane.parse('a') })] as const) {
    expect(viewOf(projection, history)).toEqual(viewOf(projection, seen))
  }
  expect(history).toEqual(seen)
  const { checks } = await verifyLedger(ledger.store, 'default')
  expect(checks.filter(({ ok, severity }) => !ok && severity === 'fault')).toEqual([])
}

function viewOf(
  projection: typeof lineageProjection | typeof runsProjection | ReturnType<typeof historyProjection>,
  entries: readonly LogEntry[],
): unknown {
  if (projection === lineageProjection) return lineageProjection.view(project(lineageProjection, entries), NOW)
  if (projection === runsProjection) return runsProjection.view(project(runsProjection, entries), NOW)
  const history = historyProjection({ lane: Lane.parse('a') })
  return history.view(project(history, entries), NOW)
}

const NOW = 0 as Parameters<typeof lineageProjection.view>[1]

describe.each(['memory', 'sqlite'] as const)(
  'a compaction through the %s store keeps the fold and the past (law 2)',
  kind => {
    const property = (check: (bed: Bed, script: readonly Step[]) => Promise<void>) =>
      fc.asyncProperty(scripts, async script => {
        await using bed = new Bed(kind)
        await check(bed, script)
      })

    test(
      'a: the state after a compaction is the state without one, whatever follows',
      { timeout: 60_000 },
      async () => {
        await fc.assert(property(stateIsKept), runs(kind === 'memory' ? 60 : 12))
      },
    )

    test('b: the past is the same over archive and log', { timeout: 60_000 }, async () => {
      await fc.assert(property(pastIsKept), runs(kind === 'memory' ? 60 : 12))
    })
  },
)

test('mutant: a CHECKPOINT that forgets what drains is caught', async () => {
  const forgetful = (store: LogStore): LogStore =>
    wrapped(store, { commit: (stream, after, decider) => store.commit(stream, after, forgetting(decider)) })
  expect(await caught((bed, script) => stateIsKept(bed, script, forgetful))).toBe(true)
})

test('mutant: an archive that lacks its newest entry is caught', async () => {
  const short = (store: LogStore): LogStore =>
    wrapped(store, {
      async *readArchive(stream, options) {
        for await (const entries of store.readArchive(stream, options))
          if (entries.length > 1) yield entries.slice(0, -1)
      },
      archive: async stream => ({ ...(await store.archive(stream)), held: null }),
    })
  expect(await caught((bed, script) => pastIsKept(bed, script, short))).toBe(true)
})

async function caught(check: (bed: Bed, script: readonly Step[]) => Promise<void>): Promise<boolean> {
  const property = fc.asyncProperty(scripts, async script => {
    await using bed = new Bed('memory')
    await check(bed, script)
  })
  return (await fc.check(property, { numRuns: 300, endOnFailure: true })).failed
}

function forgetting({ absorb, decide }: CommitDecider): CommitDecider {
  return { absorb, decide: view => decide(view).map(withoutDraining) }
}

function withoutDraining(event: NewEvent): NewEvent {
  if (event.type !== 'CHECKPOINT' || typeof event.data !== 'object' || event.data === null) return event
  const { state } = event.data as { state: { value: object } }
  return { ...event, data: { ...event.data, state: { ...state, value: { ...state.value, draining: [] } } } }
}
