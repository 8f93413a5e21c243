import { expect, it } from 'vitest'
import { runRaces } from './harness/reaper-race.ts'

it('200 races of a reaper against a finishing job: no two effects overlap', { timeout: 120_000 }, async () => {
  const { reaped, finished } = await runRaces(200)
  // Races that only one side ever wins would prove nothing.
  expect(Math.min(reaped, finished)).toBeGreaterThan(20)
})
