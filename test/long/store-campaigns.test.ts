import { expect, inject, test } from 'vitest'
import { damageCampaign, prepareVictim } from '../store/harness/damage-campaign.ts'
import { beat } from '../store/harness/events.ts'
import { killWhileCommitting } from '../store/harness/kill-campaign.ts'
import { seeded } from '../store/harness/random.ts'
import { freshFolder } from '../store/harness/sqlite-factory.ts'

const KILLS = 2000
const DAMAGES = 1000

test(`a committer killed ${KILLS} times loses nothing that it acknowledged`, async () => {
  const { path, remove } = await freshFolder()
  try {
    expect(await killWhileCommitting(path, KILLS, seeded(inject('seed')))).toBeGreaterThan(KILLS)
  } finally {
    await remove()
  }
})

test(`${DAMAGES} bit flips and lost ends are found out or change nothing`, async () => {
  const { path, remove } = await freshFolder()
  try {
    await prepareVictim(path, beat)
    const { harmless, detected } = await damageCampaign(path, DAMAGES, seeded(inject('seed')))
    expect(harmless + detected).toBe(DAMAGES)
  } finally {
    await remove()
  }
})
