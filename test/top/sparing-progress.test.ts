import type { LivenessPorts } from '@holdfast/projections'
import { expect, it } from 'vitest'
import { SparingProgress } from '../../packages/cli/src/top/sparing-progress.ts'

type Ask = NonNullable<LivenessPorts['progress']>
type Subject = Parameters<Ask>[0]
type Span = Parameters<Ask>[1]

const COST_MS = 100

/** Ten leases, each of which takes 100 ms to look at, and three of which there is time for. */
function office() {
  const clock = { nowMs: 0 }
  const asked: string[] = []
  const sparing = new SparingProgress(
    ({ leaseId }) => {
      asked.push(leaseId)
      clock.nowMs += COST_MS
      return Promise.resolve({ commits: 0, files: 1 })
    },
    { ownNowMs: () => clock.nowMs, budgetMs: 3 * COST_MS },
  )
  const look = async (): Promise<readonly boolean[]> => {
    sparing.begin()
    const known: boolean[] = []
    for (let index = 0; index < 10; index += 1) {
      const subject = { leaseId: `lane@${index}`, holder: 'a', runId: null } as Subject
      const { unknown = [] } = await sparing.progress(subject, {} as Span)
      known.push(unknown.length === 0)
    }
    return known
  }
  return { clock, asked, look }
}

it('looks for work no longer than there is time, and what it did not look at is unknown', async () => {
  const { asked, look } = office()
  expect(await look()).toEqual([true, true, true, ...Array.from({ length: 7 }, () => false)])
  expect(asked).toHaveLength(3)
})

it('reaches every lease in the end, also where the first are due again', async () => {
  const { clock, look } = office()
  for (let round = 0; round < 3; round += 1) {
    await look()
    clock.nowMs += 11_000
  }
  expect(await look()).toEqual(Array.from({ length: 10 }, () => true))
})

it('takes nothing for known that it has not looked at for a minute', async () => {
  const { clock, look } = office()
  await look()
  clock.nowMs += 61_000
  expect((await look()).filter(known => known)).toHaveLength(3)
})
