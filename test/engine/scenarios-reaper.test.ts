import type { ProcessStatus } from '@holdfast/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Fleet, SCHEDULE_TIMES } from './harness/fleet.ts'
import { did, rig, tick } from './harness/reaper-rig.ts'

// Evidence over time and what must follow from it. Expectations are worked out here from the rule in words, with no
// code of the product.

const S = 1000

let fleet: Fleet
beforeEach(() => {
  fleet = new Fleet({ ...SCHEDULE_TIMES, finalisationGraceMs: 10 * S })
})
afterEach(async () => {
  await fleet.close()
})

const STATUSES = { a: 'alive', d: 'dead', u: 'unknown' } as const satisfies Record<string, ProcessStatus>
const LETTERS = ['a', 'd', 'u'] as const
const TICKS = 5

/** Every course of five looks at a process. */
const courses = LETTERS.flatMap(one => extend([one]))
function extend(course: readonly (typeof LETTERS)[number][]): string[] {
  return course.length === TICKS ? [course.join('')] : LETTERS.flatMap(next => extend([...course, next]))
}

describe('a silent holder whose process looks, tick by tick,', () => {
  it.each(courses.map(course => [course, course.indexOf('dd')] as const))(
    '%s is reaped at the second dead look in a row and not before (%i)',
    async (course, firstDead) => {
      const process = fleet.newProcess()
      let looks = -1
      const { ledger, reaper, effects } = await rig(fleet, 'R', {
        probe: () => STATUSES[LETTERS[LETTERS.findIndex(letter => letter === course.charAt(looks))] ?? 'u'],
      })
      await ledger.acquire({ lane: 'x', holder: 'A', process, ttl: '60s' })
      const results: string[] = []
      for (looks = 0; looks < TICKS; looks += 1) {
        await fleet.time.to((4 + looks) * S)
        if (course.charAt(looks) === 'd') fleet.die(process)
        else fleet.revive(process, STATUSES[course.charAt(looks) === 'a' ? 'a' : 'u'])
        const [action] = await tick(fleet, reaper)
        results.push(action?.result ?? 'gone')
      }
      const reapedAt = firstDead < 0 ? TICKS : firstDead + 1
      const expected = results.map((_, at) => (at < reapedAt ? 'left' : at === reapedAt ? 'reaped' : 'gone'))
      expect(results).toEqual(expected)
      expect(effects).toHaveLength(firstDead < 0 ? 0 : 1)
    },
  )
})

const EXITS = [
  { code: 0, signal: null },
  { code: 3, signal: null },
  { code: null, signal: 'SIGKILL' },
] as const
const GATES = ['green', 'red', 'unknown', null] as const

const endings = EXITS.flatMap(exit =>
  GATES.flatMap(gate =>
    [false, true].flatMap(attemptsLeft =>
      [9, 11].map(afterS => {
        const good = exit.code === 0 && (gate === 'green' || gate === null)
        const disposition = good ? 'done' : attemptsLeft ? 'retry' : 'failed'
        const title = `${exit.code ?? exit.signal}, gate ${gate ?? 'none'}, ${attemptsLeft ? 'attempts left' : 'last attempt'}, ${afterS} s later`
        return { title, exit, gate, attemptsLeft, afterS, expected: afterS < 10 ? null : disposition }
      }),
    ),
  ),
)

describe('an exit with', () => {
  it.each(endings)('$title: $expected', async ({ exit, gate, attemptsLeft, afterS, expected }) => {
    const asked = gate === null ? {} : { gate: () => Promise.resolve(gate) }
    const { ledger, reaper } = await rig(fleet, 'R', asked)
    const request = { lane: 'x', holder: 'A', runId: 'job', maxAttempts: attemptsLeft ? 2 : 1, ttl: '40s' }
    const granted = await ledger.acquire(request)
    if (granted.outcome !== 'granted') throw new Error(granted.outcome)
    await ledger.heartbeat({ lane: 'x', holder: 'A', token: granted.lease.token, exit: { ...exit } })
    await fleet.time.to(afterS * S)
    const reaping = reaper.reapOnce()
    // The old holder may still believe: the effect waits until its time is over.
    await fleet.time.to(60 * S)
    expect(did(await reaping)).toEqual([expected === null ? ['left', null] : ['reaped', expected]])
  })
})
