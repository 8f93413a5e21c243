import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { noFaults, withFaults } from './harness/faulty-store.ts'
import { Fleet } from './harness/fleet.ts'
import { holding } from './harness/holding.ts'

// A holder beats every three seconds on a TTL of nine, and tries again a second after a beat that failed. Window by window
// of three seconds the store works (o), is out of reach (x), or takes the beat and loses the answer (l). The holder may
// act until nine seconds after the first sending of its last confirmed beat, and not a moment longer.

const S = 1000
const TTL_S = 9
const BEAT_S = 3
const RETRY_S = 1
const WINDOWS = 5
const END_S = (WINDOWS + 1) * BEAT_S

let fleet: Fleet
beforeEach(() => {
  fleet = new Fleet()
})
afterEach(async () => {
  await fleet.close()
})

const LETTERS = ['o', 'x', 'l'] as const
const courses = LETTERS.flatMap(one => extend([one]))
function extend(course: readonly string[]): string[] {
  return course.length === WINDOWS ? [course.join('')] : LETTERS.flatMap(next => extend([...course, next]))
}

/** When the deadline passes, in seconds, if it does before the end; the grant itself counts as the beat at 0. */
function lostAtS(course: string): number | null {
  let deadlineS = TTL_S
  let beatS = BEAT_S
  while (beatS <= END_S && beatS < deadlineS) {
    const confirmed = course.charAt(Math.ceil(beatS / BEAT_S) - 1) === 'o'
    if (confirmed) deadlineS = beatS + TTL_S
    beatS += confirmed ? BEAT_S : RETRY_S
  }
  return deadlineS <= END_S ? deadlineS : null
}

describe('a store that, window by window, works (o), is out of reach (x) or loses the answer (l):', () => {
  it.each(courses.map(course => [course, lostAtS(course)] as const))('%s: lost at %s s', async (course, lostAt) => {
    const faults = noFaults()
    const ledger = await fleet.process(withFaults(faults))
    const lease = await holding(ledger, { lane: 'x', holder: 'A', beatEvery: `${BEAT_S}s` })
    const lostAtBootMs: number[] = []
    lease.signal.addEventListener('abort', () => lostAtBootMs.push(fleet.time.nowMs))
    for (let window = 0; window <= WINDOWS; window += 1) {
      const met = `${course}x`.charAt(window)
      faults.unreachable = met === 'x'
      faults.loseAnswers = met === 'l'
      await fleet.time.to((window + 1) * BEAT_S * S)
    }
    expect(lease.isHeld).toBe(lostAt === null)
    expect(lostAtBootMs).toEqual(lostAt === null ? [] : [lostAt * S])
    if (lostAt === null) return
    expect(lease.signal.reason).toMatchObject({ code: 'deadline-passed' })
    await expect(lease.guard(() => 'late')).rejects.toMatchObject({ code: 'deadline-passed' })
  })
})
