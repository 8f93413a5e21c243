import { expect, it } from 'vitest'
import { CRASH_STEPS } from './crash-steps.ts'
import { expectEndings } from './expect-endings.ts'
import { NAMES, Round } from './round.ts'

// The campaign in test/long kills seven of eight at each step.

const TIMEOUT_MS = 90_000

it('8 reapers at once, none of them killed: each effect runs exactly once', { timeout: TIMEOUT_MS }, async () => {
  await using round = await Round.begin()
  const reapers = await round.reapers(NAMES)
  await round.giveOutWork()
  reapers.go()
  await round.over()
  expect(await reapers.stop()).toEqual(NAMES.map(() => null))
  expectEndings(round)
  expect(round.effects()).toHaveLength(Object.keys(Round.ENDINGS).length)
})

it(
  '8 reapers at once, each killed at another step of its work: each effect runs at least once, never two at a time',
  { timeout: TIMEOUT_MS },
  async () => {
    await using round = await Round.begin()
    const [last, ...steps] = CRASH_STEPS.toReversed()
    const victims = await round.reapers(NAMES, steps)
    await round.giveOutWork()
    victims.go()
    // Whoever ends a lease may end the last one: it comes when nobody else has to die any more.
    const closing = round.reapers(['closing'], [last ?? 'none'])
    const survivor = round.reapers(['survivor'])
    expect(await victims.ended).toEqual(NAMES.map(() => 'SIGKILL'))
    const [ninth, tenth] = [await closing, await survivor]
    ninth.go()
    expect(await ninth.ended).toEqual(['SIGKILL'])
    tenth.go()
    await round.over()
    expect(await tenth.stop()).toEqual([null])
    expectEndings(round)
  },
)
