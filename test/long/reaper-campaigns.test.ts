import { expect, test } from 'vitest'
import { runRaces } from '../engine/harness/reaper-race.ts'
import { CRASH_STEPS } from '../reaper/crash-steps.ts'
import { expectEndings } from '../reaper/expect-endings.ts'
import { NAMES, Round } from '../reaper/round.ts'

const RACES = 1000

test.each(CRASH_STEPS)('seven of eight reapers killed one after the other, each at %s', async step => {
  await using round = await Round.begin()
  const [survivor, ...victims] = NAMES
  const dying = await round.reapers(
    victims,
    victims.map(() => step),
  )
  await round.giveOutWork()
  dying.go()
  const living = round.reapers([survivor])
  // Reapers that die after a closing may run out of leases before they run out of lives.
  await Promise.race([dying.ended, round.over()])
  const last = await living
  last.go()
  await round.over()
  expect(await last.stop()).toEqual([null])
  const ends = await dying.stop()
  expect(ends.filter(signal => signal === 'SIGKILL').length).toBeGreaterThan(step === 'closed' ? 0 : victims.length - 1)
  expectEndings(round)
})

test(`${RACES} races of a reaper against a finishing job: no two effects overlap`, async () => {
  const { reaped, finished } = await runRaces(RACES)
  expect(Math.min(reaped, finished)).toBeGreaterThan(RACES / 10)
})
