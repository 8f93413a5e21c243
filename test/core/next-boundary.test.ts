import {
  health,
  isExpired,
  liveLeases,
  liveness,
  nextBoundary,
  type Evidence,
  type Lease,
  type LedgerState,
  type OwnClock,
  type PolicySpans,
} from '@holdfast/core'
import { drainingAt, groundsAgainst } from '@holdfast/core/internal'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { atMs, dead, probed, processOf } from './harness/alphabet.ts'
import { acquire, beat, release } from './harness/commands.ts'
import { CoreLedger } from './harness/core-ledger.ts'
import { granted, refused } from './harness/outcomes.ts'
import { expectCaught, runs } from './harness/properties.ts'
import { PIDS, play, RICH, steps } from './harness/steps.ts'

const DEAD: Evidence = probed(...[...PIDS, 10, 11].map(pid => [processOf(pid), dead(5)] as const))
const STALL_MS = 4
const TTL_MS = 7
const YOUNG_MS = 6
const WINDOW_MS = 8
const SPANS: PolicySpans = { beatAgesMs: [STALL_MS, TTL_MS], runAgesMs: [YOUNG_MS], workAgesMs: [WINDOW_MS] }
const OWN_AHEAD_MS = 1000

/** Every answer that the state gives at an instant, as text. */
function answers(state: LedgerState, ms: number, watched?: OwnClock['watched']): string {
  const nowMs = atMs(ms)
  const ownClock = watched && ownClockAt(ms, watched)
  const leases = liveLeases(state).map(lease => {
    const unknown = groundsAgainst(state, lease, { nowMs, ownClock })
    const known = groundsAgainst(state, lease, { nowMs, ownClock, evidence: DEAD })
    const flags = [unknown, known].map(({ expired, processDead, exited, overAge }) => [
      expired,
      processDead,
      exited,
      overAge,
    ])
    return [lease.leaseId, isExpired(lease, nowMs), nowMs < lease.safeUntilMs, ...judged(state, lease, nowMs), flags]
  })
  const { draining, tickets, spawns, halts, requests, refusals, attempts, runs } = state
  const keys = (memory: { live: (nowMs: number) => Iterable<readonly [string, unknown]> }) =>
    Array.from(memory.live(nowMs), ([key]) => key).sort()
  const memories = [draining, tickets, spawns, halts, requests, refusals, attempts, runs].map(keys)
  const due = Array.from(
    tickets.live(nowMs),
    ([, { refreshedAtMs, ttlMs }]) => nowMs >= refreshedAtMs + Math.floor(ttlMs / 2),
  )
  const drains = Array.from(drainingAt(state, { nowMs, ownClock }), ({ token }) => token)
  return JSON.stringify([leases, memories, due, drains])
}

/** The verdicts on a lease, as somebody with policies of his own takes them. */
function judged(state: LedgerState, lease: Lease, nowMs: number): string[] {
  const heartbeatAgeMs = nowMs - lease.lastBeatAtMs
  const run = lease.runId === null ? undefined : state.runs.get(lease.runId, nowMs)
  const runStartedMs = run?.startedAtMs ?? lease.acquiredAtMs
  const sinceMs = Math.max(runStartedMs, nowMs - WINDOW_MS)
  const workEventsSinceStart = (run?.workedAtMs ?? []).filter(atMs => atMs >= sinceMs).length
  const moving = liveness({
    evidence: {
      runStartedMs,
      nowMs,
      commitsSinceStart: 0,
      workEventsSinceStart,
      heartbeatAgeMs,
      processAlive: null,
    },
    policy: { graceMs: YOUNG_MS, spinMs: TTL_MS },
  })
  const looks = health({ heartbeatAgeMs, activity: 'quiet', policy: { stallMs: STALL_MS, ttlMs: TTL_MS } })
  return [moving.basis, looks.basis]
}

/** An own clock that goes beside the log clock. */
function ownClockAt(ms: number, watched: OwnClock['watched']): OwnClock {
  return { nowMs: OWN_AHEAD_MS + ms, watched }
}

/** Every other ownership was watched, each read a little late. */
function watchedIn(state: LedgerState): OwnClock['watched'] {
  const drained = Array.from(state.draining.kept(0), ([, { token, untilMs }]) => ({ token, expiresAtMs: untilMs }))
  const all = [...liveLeases(state), ...drained].filter(({ token }) => token % 2 === 0)
  return new Map(
    all.map(({ token, expiresAtMs }) => {
      const ownMs = OWN_AHEAD_MS + expiresAtMs + (token % 3)
      return [token, { expiresAtMs: ownMs, lastBeatAtMs: ownMs - 10, exitAtMs: null, ownedSinceMs: ownMs - 10 }]
    }),
  )
}

/** Looks no further: halts are remembered for a day. */
const LOOK_MS = 60

const tells = (boundary: typeof nextBoundary) =>
  fc.property(steps(25), script => {
    const { state, nowMs } = played(script)
    const next = boundary(state, nowMs, SPANS)
    const untilMs = Math.min(next?.atMs ?? Number.POSITIVE_INFINITY, nowMs + LOOK_MS)
    const now = answers(state, nowMs)
    for (let ms = nowMs + 1; ms < untilMs; ms += 1) {
      if (answers(state, ms) !== now) throw new Error(`an answer changes at ${ms}, before ${JSON.stringify(next)}`)
    }
  })

function played(script: Parameters<typeof play>[1]) {
  const ledger = new CoreLedger({ config: RICH })
  play(ledger, script)
  return ledger
}

describe('nextBoundary', () => {
  test('no answer changes before it', () => {
    fc.assert(tells(nextBoundary), runs(200))
  })

  test('nor does one of somebody who counts on his own clock, when it is told of that', () => {
    fc.assert(
      fc.property(steps(25), script => {
        const { state, nowMs } = played(script)
        const watched = watchedIn(state)
        const next = nextBoundary(state, nowMs, SPANS, ownClockAt(nowMs, watched))
        const untilMs = Math.min(next?.atMs ?? Number.POSITIVE_INFINITY, nowMs + LOOK_MS)
        for (let ms = nowMs + 1; ms < untilMs; ms += 1) {
          expect(answers(state, ms, watched), `at ${ms}`).toBe(answers(state, nowMs, watched))
        }
      }),
      runs(100),
    )
  })

  test('an answer changes at it', () => {
    fc.assert(
      fc.property(steps(25), script => {
        const { state, nowMs } = played(script)
        const next = nextBoundary(state, nowMs, SPANS)
        if (next === null || ['orphan-grace-over', 'run-age', 'work-age'].includes(next.cause)) return
        if (answers(state, next.atMs) === answers(state, nowMs))
          throw new Error(`nothing changes at ${JSON.stringify(next)}`)
      }),
      runs(200),
    )
  })

  test('mutant: one that forgets the line is caught', () => {
    expectCaught(
      tells((state, nowMs, spans) => {
        const next = nextBoundary(state, nowMs, spans)
        return next !== null && next.cause.startsWith('ticket') ? nextBoundary(state, next.atMs, spans) : next
      }),
    )
  })

  test('names the cause, from one to the next', () => {
    const ledger = new CoreLedger()
    const lease = granted(ledger.run(acquire('x', 'A', { process: processOf(1), children: [processOf(10)] })))
    const causes: [number, string][] = []
    for (let next = nextBoundary(ledger.state, 0); next !== null; next = nextBoundary(ledger.state, next.atMs)) {
      causes.push([next.atMs, next.cause])
    }
    expect(causes).toEqual([
      [4, 'silence-over-grace'],
      [9, 'lease-unsafe'],
      [12, 'lease-expired'],
      [18, 'orphan-grace-over'],
      [31, 'age-ceiling'],
    ])
    ledger.at(1).run(beat(lease, { exit: { code: 0, signal: null } }))
    refused(ledger.run(acquire('x', 'B', { requestId: 'w', wait: true })))
    expect(nextBoundary(ledger.state, 5)).toEqual({ atMs: 6, cause: 'exit-final' })
    expect(nextBoundary(ledger.state, 0, { beatAgesMs: [2] })).toEqual({ atMs: 4, cause: 'beat-age' })
  })

  test('is where a run is young no more, and where a piece of its work counts no more', () => {
    const ledger = new CoreLedger({ config: { ageCeilingMs: 1000, ttlCeilingMs: 900 } })
    const first = granted(ledger.at(1).run(acquire('x', 'A', { ttlMs: 900, runId: 'run' })))
    granted(ledger.at(2).run(acquire('y', 'A', { ttlMs: 900, runId: 'run' })))
    ledger.at(5).run(release(first))
    granted(ledger.run(acquire('z', 'B', { ttlMs: 900 })))
    const next = (nowMs: number, spans: PolicySpans) => nextBoundary(ledger.state, nowMs, spans)
    expect([next(5, { runAgesMs: [20] }), next(21, { runAgesMs: [20] })]).toEqual([
      { atMs: 21, cause: 'run-age' },
      { atMs: 25, cause: 'run-age' },
    ])
    expect([next(5, { workAgesMs: [20] }), next(23, { workAgesMs: [20] })]).toEqual([
      { atMs: 23, cause: 'work-age' },
      { atMs: 26, cause: 'work-age' },
    ])
  })

  test('is not the end of what is remembered for as long as a lease lives', () => {
    const ledger = new CoreLedger()
    granted(ledger.run(acquire('x', 'A', { requestId: 'r' })))
    expect(nextBoundary(ledger.state, 100)).toBeNull()
  })

  test('of a ledger in which nothing lives is none', () => {
    expect(nextBoundary(new CoreLedger().state, 0)).toBeNull()
  })
})
