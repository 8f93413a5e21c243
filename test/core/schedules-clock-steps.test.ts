import {
  decide,
  drainsOver,
  evolve,
  OwnWatch,
  type Command,
  type Evidence,
  type LedgerState,
  type Outcome,
  type OwnClock,
  type WatchedOwnership,
} from '@holdfast/core'
import { NOTHING_WATCHED } from '@holdfast/core/internal'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dead, probed, processOf, SMALL } from './harness/alphabet.ts'
import { acquire, adopt, beat, release, scavenge } from './harness/commands.ts'
import { adopted, expectOutcome, granted, refused } from './harness/outcomes.ts'
import { expectCaught, runs } from './harness/properties.ts'
import { expectGot } from './harness/retried.ts'
import { SteppingWorld, type Flaws } from './harness/stepping-world.ts'
import { Cast, commandFor, evidenceOf, RICH, steps, type Step } from './harness/steps.ts'

// Schedule 22 of docs/schedules.md: the log clock steps. TTL 9, grace 3, bound of a step 5. Decider 0 has
// watched all along; decider 1 restarts just before it decides, as a command does that runs once.

const BOUND_MS = 5
const [WATCHER, NEWCOMER] = [0, 1]

describe.each([
  { title: 'as it stands', compactBetween: false },
  { title: 'compacted before every step (schedule 24)', compactBetween: true },
])('the leader’s clock steps by the bound, $title (schedule 22)', ({ compactBetween }) => {
  const stepping = () => new SteppingWorld({ compactBetween, listening: [WATCHER] })

  /** A is granted at t0 and read by the watcher; the new leader is five ahead. */
  function acquired(options: Parameters<typeof acquire>[2] = {}) {
    const world = stepping()
    const lease = granted(world.run(WATCHER, acquire('x', 'A', options)))
    world.elect(BOUND_MS)
    return { world, lease }
  }
  const at = (world: SteppingWorld, trueMs: number): SteppingWorld => {
    world.trueMs = trueMs
    world.restart(NEWCOMER)
    return world
  }

  test('no request evicts early: one who watched waits the span, one who did not the bound', () => {
    const { world } = acquired()
    for (const trueMs of [8, 11]) {
      at(world, trueMs)
      expect(refused(world.run(WATCHER, acquire('x', 'B')))).toMatchObject({ code: 'lane-held', earliestRetryAt: 17 })
      expect(refused(world.run(NEWCOMER, acquire('x', 'C')))).toMatchObject({ code: 'lane-held', earliestRetryAt: 17 })
    }
    granted(at(world, 12).run(WATCHER, acquire('x', 'B')))
  })

  test('without a step one who watched waits no longer than on any ledger, and one who did not the bound more', () => {
    const world = stepping()
    granted(world.run(WATCHER, acquire('x', 'A')))
    granted(world.run(WATCHER, acquire('y', 'A')))
    refused(at(world, 11).run(WATCHER, acquire('x', 'B')))
    expect(refused(at(world, 12).run(NEWCOMER, acquire('y', 'B'))).earliestRetryAt).toBe(17)
    const [event] = granted(world.run(WATCHER, acquire('x', 'B'))) && world.ledger.log.slice(-2)
    expect(event).toMatchObject({ type: 'SCAVENGE', data: { evidence: { clock: 'watched', expiresAt: 12 } } })
    refused(at(world, 16).run(NEWCOMER, acquire('y', 'B')))
    const [unwatched] = granted(at(world, 17).run(NEWCOMER, acquire('y', 'B'))) && world.ledger.log.slice(-2)
    expect(unwatched).toMatchObject({ type: 'SCAVENGE', data: { evidence: { clock: 'unwatched', expiresAt: 12 } } })
  })

  test('no adoption comes early, on expiry or by a claim', () => {
    const { world, lease } = acquired()
    at(world, 8)
    for (const index of [WATCHER, NEWCOMER]) {
      refused(world.run(index, adopt(lease, 'B')))
      refused(world.run(index, adopt(lease, 'R', { claim: { cause: 'expired' } })))
    }
    adopted(at(world, 12).run(WATCHER, adopt(lease, 'R', { claim: { cause: 'expired' } })))
  })

  test('nobody is dead sooner for a step: the silence counts on the own clock too', () => {
    const { world, lease } = acquired({ process: processOf(1) })
    const evidence = probed([processOf(1), dead()])
    at(world, 1)
    for (const index of [WATCHER, NEWCOMER]) refused(world.run(index, scavenge(lease), evidence))
    // The log clock shows 6; silent for longer than 3 by it, and by 3 + 5 only at 9.
    refused(at(world, 3).run(WATCHER, scavenge(lease), evidence))
    refused(world.run(NEWCOMER, scavenge(lease), evidence))
    expectOutcome(at(world, 4).run(WATCHER, scavenge(lease, { cause: 'process-dead' }), evidence), 'scavenged')
  })

  test('an exit is final no sooner for a step', () => {
    const world = stepping()
    const lease = granted(world.run(WATCHER, acquire('x', 'A')))
    world.run(WATCHER, beat(lease, { exit: { code: 0, signal: null } }))
    world.elect(BOUND_MS)
    for (const trueMs of [1, 4]) {
      at(world, trueMs)
      expect(refused(world.run(WATCHER, scavenge(lease, { cause: 'exited' }))).earliestRetryAt).toBe(10)
      expect(refused(world.run(NEWCOMER, scavenge(lease, { cause: 'exited' }))).earliestRetryAt).toBe(10)
    }
    expectOutcome(at(world, 5).run(WATCHER, scavenge(lease, { cause: 'exited' })), 'scavenged')
  })

  test('nobody has owned for longer by a step', () => {
    const world = stepping()
    const lease = granted(world.run(WATCHER, acquire('x', 'A', { ttlMs: 20 })))
    at(world, 20).run(WATCHER, beat(lease))
    world.elect(BOUND_MS)
    const old = scavenge(lease, { cause: 'age-ceiling' })
    at(world, 30)
    expect(refused(world.run(WATCHER, old)).earliestRetryAt).toBe(36)
    expect(refused(world.run(NEWCOMER, old)).earliestRetryAt).toBe(36)
    expectOutcome(at(world, 31).run(WATCHER, old), 'scavenged')
  })

  test('no draining ends early, for a request or a guard, though the log’s time is past it', () => {
    const { world, lease } = acquired()
    const forced = expectOutcome(world.run(WATCHER, scavenge(lease, { force: true })), 'scavenged')
    expect(forced.drainsUntilMs).toBe(17)
    at(world, 8)
    // The log's own time passes the end by an event, which must not forget the entry.
    granted(world.run(WATCHER, acquire('elsewhere', 'E')))
    expect(world.ledger.state.clockMs).toBe(13)
    for (const index of [WATCHER, NEWCOMER]) {
      expect(refused(world.run(index, acquire('x', 'B')))).toMatchObject({ code: 'draining', earliestRetryAt: 17 })
    }
    granted(at(world, 12).run(WATCHER, acquire('x', 'B')))
  })

  test('a guard stays closed over what was taken by force, until its time is over on the own clock', () => {
    const { world, lease } = acquired()
    const b = adopted(at(world, 8).run(WATCHER, adopt(lease, 'B', { force: true })))
    const tokens = (index: number) => {
      const { state } = world.ledger
      return drainsOver(state, b, world.logMs, world.ownClock(index)).map(({ token }) => token)
    }
    expect(drainsOver(world.ledger.state, b, world.logMs)).toEqual([])
    expect([tokens(WATCHER), tokens(NEWCOMER)]).toEqual([[lease.token], [lease.token]])
    at(world, 11)
    expect([tokens(WATCHER), tokens(NEWCOMER)]).toEqual([[lease.token], [lease.token]])
    at(world, 12)
    expect([tokens(WATCHER), tokens(NEWCOMER)]).toEqual([[], []])
  })

  test('the one who was forced out ends it by releasing, though the log’s time is past it', () => {
    const { world, lease } = acquired()
    world.run(WATCHER, scavenge(lease, { force: true }))
    at(world, 8)
    expectOutcome(world.run(NEWCOMER, release(lease)), 'drained')
    granted(world.run(NEWCOMER, acquire('x', 'B')))
  })

  test('an earlier beat that gave more counts beyond a later one that gave less', () => {
    const world = stepping()
    const lease = granted(world.run(WATCHER, acquire('x', 'A')))
    world.run(WATCHER, beat(lease, { activity: { label: 'build', expectedMs: 30 } }))
    world.elect(BOUND_MS)
    at(world, 1).run(WATCHER, beat(lease))
    // The log clock shows 33 + 5 at 33, and A may believe until 30, with grace until 33.
    refused(at(world, 32).run(WATCHER, acquire('x', 'B')))
    granted(at(world, 33).run(WATCHER, acquire('x', 'B')))
  })

  test('a clock that falls back makes nothing earlier, and the log’s time waits', () => {
    const world = stepping()
    world.elect(BOUND_MS)
    granted(world.run(WATCHER, acquire('x', 'A')))
    world.elect(0)
    at(world, 4)
    expect(world.logMs).toBe(5)
    // Recorded at 5 by a clock that was 5 ahead: past on it at 17, which is 12 later by the true time as well.
    for (const trueMs of [12, 16]) {
      refused(at(world, trueMs).run(WATCHER, acquire('x', 'B')))
      refused(world.run(NEWCOMER, acquire('x', 'B')))
    }
    granted(at(world, 17).run(WATCHER, acquire('x', 'B')))
  })
})

test('one who watched is not moved by a step beyond the bound either (schedule 22)', () => {
  const world = new SteppingWorld({ config: { clockStepBoundMs: 60 } })
  const lease = granted(world.run(WATCHER, acquire('x', 'A')))
  world.read(WATCHER)
  world.elect(60)
  const around = { nowMs: world.logMs, ownClock: world.ownClock(WATCHER) }
  const config = { ...world.ledger.state.config, clockStepBoundMs: BOUND_MS }
  const decision = decide({ ...world.ledger.state, config }, scavenge(lease), around)
  expect(decision).toMatchObject({ outcome: { outcome: 'refused', code: 'still-held', earliestRetryAt: 72 } })
})

const extraShape = {
  decider: fc.nat({ max: 2 }),
  /** Who reads meanwhile; each other decider falls behind. */
  reader: fc.nat({ max: 5 }),
  /** The new leader's clock; -1: no new leader. */
  skewMs: fc.oneof(fc.constant(-1), fc.constantFrom(0, BOUND_MS), fc.integer({ min: 0, max: BOUND_MS })),
  restart: fc.constantFrom(false, false, false, true),
} as const
const extra = fc.record(extraShape)
type Extra = typeof extra extends fc.Arbitrary<infer E> ? E : never
type Play = readonly (readonly [Step, Extra])[]

const withExtras = (scripts: fc.Arbitrary<Step[]>): fc.Arbitrary<Play> =>
  scripts.chain(script => fc.tuple(...script.map(step => extra.map(more => [step, more] as const))))

const plays = withExtras(steps(30))

const BEATS = ['acquire', 'beat', 'beat', 'beat'] as const
const ASKED = [undefined, undefined, 'process-dead', 'exited', 'age-ceiling'] as const

/**
 * One lease on one lane, beaten for a while and then asked for again and again, so that what is rare or takes long comes
 * about: bound to a process that is found dead and with an exit now and then, or to none and with activities.
 */
const aboutOneLease = withExtras(
  fc.tuple(steps(10), steps(25), fc.boolean()).map(([beating, asking, bound]) => {
    const on = {
      lane: 'x',
      region: [],
      mode: 'exclusive',
      requestId: undefined,
      children: [],
      reap: 'optional',
    } as const
    const by = { which: 0, byHolder: 9, force: false, ...(bound ? { pid: 1 as const, probes: [3, 3, 3, 3, 3] } : {}) }
    const beats = beating.map(step => ({
      ...step,
      ...on,
      ...by,
      operation: BEATS[step.spanMs % BEATS.length] ?? 'beat',
      extra: step.wait ? ('none' as const) : bound ? ('exit' as const) : ('activity' as const),
    }))
    const asks = asking.map(step => ({
      ...step,
      ...on,
      ...by,
      operation: 'scavenge' as const,
      cause: ASKED[step.byHolder % ASKED.length],
      waitMs: 1 + (step.waitMs % 3),
    }))
    return [...beats, ...asks]
  }),
)

/** Plays in a world; every command is followed by the look of the true time at what it did. */
function playIn(
  world: SteppingWorld,
  play: Play,
  after: (outcome: Outcome, command: Command, by: { decider: number; evidence: Evidence }) => void = () => undefined,
): void {
  const cast = new Cast()
  for (const [step, { decider, reader, skewMs, restart }] of play) {
    world.trueMs += step.waitMs
    if (skewMs >= 0) world.elect(skewMs)
    if (restart) world.restart(decider)
    world.ledger.at(world.logMs)
    const [command, evidence] = [commandFor(step, cast, world.ledger), evidenceOf(step)]
    const outcome = world.run(decider, command, evidence)
    cast.note(outcome)
    after(outcome, command, { decider, evidence })
    if (reader < 3) world.read(reader)
  }
}

const LIFE_MS = 60

/** A holder announces a long step, beats once more and falls silent; both deciders hear it, and ask each millisecond. */
const holdsForTheSilent = (flaws: Flaws) =>
  fc.property(
    fc.record({
      activityMs: fc.integer({ min: 15, max: 40 }),
      beatAtMs: fc.integer({ min: 2, max: 10 }),
      restartAtMs: fc.integer({ min: 1, max: 10 }),
      skewsMs: fc.array(fc.integer({ min: 0, max: BOUND_MS }), { minLength: LIFE_MS, maxLength: LIFE_MS }),
    }),
    ({ activityMs, beatAtMs, restartAtMs, skewsMs }) => {
      const world = new SteppingWorld({ listening: [WATCHER, NEWCOMER], flaws })
      const lease = granted(world.run(WATCHER, acquire('x', 'A')))
      world.run(WATCHER, beat(lease, { activity: { label: 'build', expectedMs: activityMs } }))
      for (const [ms, skewMs] of skewsMs.entries()) {
        world.trueMs = ms
        world.elect(skewMs)
        if (ms === restartAtMs) world.restart(NEWCOMER)
        if (ms === beatAtMs) world.run(WATCHER, beat(lease))
        if (ms > beatAtMs) world.run(ms % 2, scavenge(lease))
      }
      expect(world.ledger.state.leases.size).toBe(0)
    },
  )

interface Played {
  readonly plays?: fc.Arbitrary<Play>
  readonly compactBetween?: boolean
}

const holds = (flaws: Flaws = {}, { plays: played = plays, compactBetween = false }: Played = {}) =>
  fc.property(played, play => {
    playIn(new SteppingWorld({ config: RICH, deciders: 3, compactBetween, flaws }), play)
  })

/** What somebody counts on who has another view of the own clock than he should. */
const seeing = (see: (own: OwnClock, state: LedgerState) => OwnClock | undefined): Flaws => ({
  decide: (state, command, around) => {
    const ownClock = around.ownClock === undefined ? undefined : see(around.ownClock, state)
    return decide(state, command, { ...around, ownClock })
  },
})

const mapped = (own: OwnClock, change: (watched: WatchedOwnership) => WatchedOwnership): OwnClock => ({
  ...own,
  watched: new Map([...own.watched].map(([token, watched]) => [token, change(watched)])),
})

/** A watch that takes in entries in its own way. */
const watching = (read: (watch: OwnWatch, ...args: Parameters<OwnWatch['read']>) => void): Flaws => ({
  watch: () => {
    const watch = new OwnWatch()
    return {
      told: (logMs, ownMs) => watch.told(logMs, ownMs),
      heard: (recordedAtMs, ownMs) => watch.heard(recordedAtMs, ownMs),
      read: (state, entry, ownMs) => read(watch, state, entry, ownMs),
      at: ownMs => watch.at(ownMs),
    }
  },
})

describe('nothing ends before its true time, whoever decides, whatever the log clock does (schedule 22, as a property)', () => {
  test('in any play of three deciders, steps, late readings and restarts', () => {
    fc.assert(holds(), runs(400))
  })

  test('in any play about one lease', () => {
    fc.assert(holds({}, { plays: aboutOneLease }), runs(300))
  })

  test('in any life of a holder that falls silent after a long step', () => {
    fc.assert(holdsForTheSilent({}), runs(100))
  })

  test('in any play that is compacted at every step (schedule 24)', () => {
    fc.assert(holds({}, { compactBetween: true }), runs(150))
  })

  test('mutant: a decider that believes the log clock alone is caught', () => {
    expectCaught(holds(seeing(() => undefined)))
  })

  test('mutant: a decider that takes what it has not watched for watched is caught', () => {
    const bold = seeing((own, state) => ({
      ...own,
      watched: new Map(
        [...state.leases.values(), ...Array.from(state.draining.kept(0), ([, entry]) => entry)].map(({ token }) => {
          const past = { expiresAtMs: 0, lastBeatAtMs: 0, exitAtMs: 0, ownedSinceMs: 0 }
          return [token, own.watched.get(token) ?? past]
        }),
      ),
    }))
    expectCaught(holds(bold))
  })

  test('mutant: a decider that counts from the last beat alone is caught', () => {
    const { ttlDefaultMs = 0, graceMs = 0 } = SMALL
    const fromLast = seeing(own =>
      mapped(own, watched => ({ ...watched, expiresAtMs: watched.lastBeatAtMs + ttlDefaultMs + graceMs })),
    )
    expectCaught(holdsForTheSilent(fromLast))
  })

  test.each(['lastBeatAtMs', 'exitAtMs', 'ownedSinceMs'] as const)(
    'mutant: a decider that takes no care of %s is caught',
    part => {
      const careless = seeing(own => mapped(own, watched => ({ ...watched, [part]: 0 })))
      expectCaught(holds(careless, { plays: aboutOneLease }))
    },
  )

  test('mutant: a watch that begins in the middle as if nothing had been before is caught', () => {
    const unaware = watching((watch, state, entry, ownMs) => {
      const leases = state.leases.fork()
      for (const lease of state.leases.values())
        leases.set(lease.leaseId, { ...lease, expiresAtMs: lease.lastBeatAtMs })
      watch.read({ ...state, leases }, entry, ownMs)
    })
    expectCaught(holdsForTheSilent(unaware))
  })

  test('mutant: a watch that does not notice history which was cut away is caught', () => {
    expectCaught(
      holds(
        watching((watch, state, entry, ownMs) => {
          if (entry.type !== 'CHECKPOINT') watch.read(state, entry, ownMs)
        }),
        { plays: aboutOneLease, compactBetween: true },
      ),
    )
  })

  test('mutant: a fold that forgets what drains when the log’s time is past it is caught', () => {
    const forgetful: typeof evolve = (state, entry) => {
      const evolved = evolve(state, entry)
      for (const [key, drained] of evolved.draining.kept(0)) {
        if (drained.untilMs <= evolved.clockMs) evolved.draining.delete(key)
      }
      return evolved
    }
    expectCaught(holds({ evolve: forgetful }))
  })

  test('mutant: a guard that believes the log clock alone is caught', () => {
    expectCaught(holds({ drainsOver: (state, lease, nowMs) => drainsOver(state, lease, nowMs) }))
  })
})

describe('what has ended is got in the end (schedule 22)', () => {
  /** Longer than anything granted here lasts, with the bound. */
  const LONG_MS = 200

  test('a retry at the time that a refusal names is granted if nothing else happens, whoever asks', () => {
    fc.assert(
      fc.property(fc.oneof(plays, aboutOneLease), play => {
        const world = new SteppingWorld({ config: RICH, deciders: 3 })
        playIn(world, play, (outcome, command, { decider, evidence }) => {
          if (outcome.outcome !== 'refused' || outcome.earliestRetryAt === undefined) return
          const own = world.ownClock(decider)
          const spanMs = Math.max(0, outcome.earliestRetryAt - world.logMs)
          const ownClock = { ...own, nowMs: own.nowMs + spanMs }
          expectGot(world.ledger.state, command, { nowMs: outcome.earliestRetryAt, ownClock, evidence })
        })
      }),
      runs(200),
    )
  })

  test('whoever asks is granted once everything is over', () => {
    fc.assert(
      fc.property(plays, fc.nat({ max: 2 }), (play, decider) => {
        const world = new SteppingWorld({ config: RICH, deciders: 3 })
        playIn(world, play)
        world.trueMs += LONG_MS
        const last = world.run(decider, acquire('x', 'Z', { region: ['src/**'] }))
        // A lease that owes a reaper's effect is no matter of time.
        if (last.outcome !== 'granted') expect(refused(last).code).toBe('awaiting-reap')
      }),
      runs(200),
    )
  })
})

test('a command that runs once knows nothing but the log clock and the bound', () => {
  const world = new SteppingWorld()
  const lease = granted(world.run(WATCHER, acquire('x', 'A')))
  const decided = (ms: number) => {
    world.trueMs = ms
    return decide(world.ledger.state, scavenge(lease), { nowMs: world.logMs, ownClock: NOTHING_WATCHED })
  }
  expect(decided(16)).toMatchObject({ outcome: { outcome: 'refused', earliestRetryAt: 17 } })
  expect(decided(17)).toMatchObject({ outcome: { outcome: 'scavenged' } })
})
