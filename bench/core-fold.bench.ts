import { evolve, fold, OwnWatch, type LedgerState, type ProposedEvent, type RecordedEvent } from '@holdfast/core'
import type { Benchmark } from './benchmark.ts'
import { acquired, founded, recorded, withLive } from './core-ledger.ts'

// Target: one million events a second on one core over a steady thousand live leases: seven beats to two leases that end
// and one lane that is taken again, lanes and regions coming back as those of real workers do.

const EVENTS = 1_000_000
const LIVE = 1_000
const LANES = 1_100
const EVENTS_PER_MS = 100
const RELEASES_PERCENT = 15

/** Small whole numbers in a fixed order, so that every run folds the same log. */
function source(): (below: number) => number {
  let state = 1
  return below => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff
    return (state >> 8) % below
  }
}

function steadyLog(): readonly RecordedEvent[] {
  const events: RecordedEvent[] = []
  const live: RecordedEvent<'ACQUIRE'>[] = []
  const free = Array.from({ length: LANES }, (_, lane) => lane)
  const next = source()
  let state = founded()
  const push = (event: RecordedEvent) => {
    events.push(event)
    state = evolve(state, event)
  }
  while (events.length < EVENTS) {
    const atMs = Math.floor(events.length / EVENTS_PER_MS)
    if (live.length < LIVE) {
      const event = acquired(state, take(free, next(free.length)), atMs)
      live.push(event)
      push(event)
      continue
    }
    const index = next(live.length)
    const ends = next(100) < RELEASES_PERCENT
    const lease = ends ? take(live, index) : live[index]
    if (lease === undefined) throw new Error('a thousand leases are live')
    push(recorded(state, about(lease, ends ? 'RELEASE' : 'HEARTBEAT'), atMs))
    if (ends) free.push(Number(lease.data.lane.slice('lane-'.length)))
  }
  return events
}

function about({ data, revision }: RecordedEvent<'ACQUIRE'>, type: 'RELEASE' | 'HEARTBEAT'): ProposedEvent {
  const token = revision as number as Extract<ProposedEvent, { type: 'RELEASE' }>['data']['token']
  return { type, data: { lane: data.lane, leaseId: data.leaseId, token, reason: '' } }
}

function take<T>(items: T[], index: number): T {
  const [item] = items.splice(index, 1)
  if (item === undefined) throw new Error('nothing to take')
  return item
}

let log: readonly RecordedEvent[] = []
const TOUCHED = 100_000
const crowded = { few: founded(), many: founded() }
let revision = 0

/** As a decider does on a ledger whose log clock can step, which reads each event as it is written. */
function watchAndFold(): LedgerState {
  const watch = new OwnWatch()
  let state = founded()
  for (const event of log) {
    watch.heard(event.recordedAt, event.recordedAt)
    watch.read(state, event, event.recordedAt)
    state = evolve(state, event)
  }
  return state
}

/** Takes and gives back one lease beside those that are live. */
function comeAndGo(state: LedgerState): void {
  const event = acquired(state, TOUCHED + (revision % LANES))
  revision += 1
  evolve(state, event)
  evolve(state, recorded(state, about(event, 'RELEASE')))
}

export const benchmarks: readonly Benchmark[] = [
  {
    title: `fold ${EVENTS} events over a steady ${LIVE} live leases, each event`,
    budgetMs: 9_000,
    setup: () => {
      log = steadyLog()
    },
    teardown: () => {
      log = []
    },
    cases: [
      {
        name: 'read the events',
        run: () => log.reduce((sum, { revision }) => sum + revision, 0),
        unitsPerCall: EVENTS,
      },
      { name: 'fold them', run: () => fold(log, founded()), unitsPerCall: EVENTS },
      { name: 'watch and fold them', run: watchAndFold, unitsPerCall: EVENTS },
    ],
  },
  {
    title: 'one lease that comes and goes, made and folded',
    setup: () => {
      crowded.few = withLive(10)
      crowded.many = withLive(TOUCHED)
    },
    cases: [
      { name: 'beside 10 live leases', run: () => comeAndGo(crowded.few) },
      { name: `beside ${TOUCHED} live leases`, run: () => comeAndGo(crowded.many), ratioMax: 3 },
    ],
  },
]
