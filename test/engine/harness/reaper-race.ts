import * as fc from 'fast-check'
import { expect } from 'vitest'
import { Fleet, SCHEDULE_TIMES } from './fleet.ts'
import { rig } from './reaper-rig.ts'

// A job finishes under its guard while reapers look for a reason to finish it instead: whatever dies, stalls or grows
// too old, the job's own finishing and a reaper's effect never overlap, and neither do two reapers'.

const S = 1000
const END_MS = 120 * S

const race = fc.record({
  /** When the job begins to finish, and how long that takes. */
  finishesAtMs: fc.integer({ min: 0, max: 60 * S }),
  takesMs: fc.integer({ min: 10, max: 6 * S }),
  /** When its process dies, if it does. */
  diesAtMs: fc.option(fc.integer({ min: 0, max: 70 * S }), { nil: null }),
  /** When it records an exit before it finishes. */
  exitAtMs: fc.option(fc.integer({ min: 0, max: 60 * S }), { nil: null }),
  reaperEffectMs: fc.integer({ min: 10, max: 20 * S }),
  reapers: fc.integer({ min: 1, max: 3 }),
  phaseMs: fc.integer({ min: 0, max: 999 }),
})
type Race = typeof race extends fc.Arbitrary<infer T> ? T : never

interface Span {
  readonly by: string
  readonly fromMs: number
  toMs: number
}

async function run(one: Race): Promise<readonly Span[]> {
  const fleet = new Fleet({ ...SCHEDULE_TIMES, ageCeilingMs: 40 * S, finalisationGraceMs: 8 * S })
  const spans: Span[] = []
  const { time } = fleet
  const lasting = async (by: string, forMs: number): Promise<void> => {
    const span = { by, fromMs: time.nowMs, toMs: Number.POSITIVE_INFINITY }
    spans.push(span)
    await new Promise<void>(resolve => {
      time.timers.after(forMs, resolve)
    })
    span.toMs = time.nowMs
  }
  const job = await fleet.process()
  const held = await job.hold({ lane: 'x', holder: 'job', reap: 'required', maxAttempts: 3, runId: 'job' })
  if (held.outcome !== 'granted') throw new Error(held.outcome)
  const { lease } = held
  let alive = true
  const at = (ms: number | null, act: () => void): void => {
    if (ms !== null) time.timers.after(ms, () => alive && act())
  }
  at(one.diesAtMs, () => {
    alive = false
    lease.abandon()
    fleet.die(lease.lease.process)
    // What a dead process had under way ends with it.
    for (const span of spans) if (span.by === 'job') span.toMs = Math.min(span.toMs, time.nowMs)
  })
  at(one.exitAtMs, () => void lease.beat({ exit: { code: 0, signal: null } }).catch(() => undefined))
  at(one.finishesAtMs, () => {
    void lease
      .guard(() => lasting('job', one.takesMs))
      .then(
        () => lease.release(),
        () => undefined,
      )
  })
  const reapers = []
  for (let index = 0; index < one.reapers; index += 1) {
    const name = `R${index}`
    const { reaper } = await rig(fleet, name, { onReaped: () => lasting(name, one.reaperEffectMs) })
    time.timers.after(one.phaseMs + index * 130, () => reaper.start())
    reapers.push(reaper)
  }
  await time.to(END_MS)
  const stopping = reapers.map(reaper => reaper.stop())
  await time.to(END_MS + 60 * S)
  await Promise.all(stopping)
  await fleet.close()
  return spans.map(span =>
    span.by === 'job' && !alive ? { ...span, toMs: Math.min(span.toMs, one.diesAtMs ?? span.toMs) } : span,
  )
}

const overlapping = (spans: readonly Span[]): readonly Span[] =>
  spans.filter((span, index) =>
    spans.some((other, at) => at !== index && other.fromMs < span.toMs && span.fromMs < other.toMs),
  )

/** Runs so many random races, expects that no two effects of one overlap, and counts who got to act. */
export async function runRaces(count: number): Promise<{ readonly reaped: number; readonly finished: number }> {
  let reaped = 0
  let finished = 0
  await fc.assert(
    fc.asyncProperty(race, async one => {
      const spans = await run(one)
      expect(overlapping(spans)).toEqual([])
      if (spans.some(({ by }) => by === 'job')) finished += 1
      if (spans.some(({ by }) => by !== 'job')) reaped += 1
    }),
    { numRuns: count },
  )
  return { reaped, finished }
}
