import { expect, inject, test } from 'vitest'
import { killWhileCommitting } from './harness/kill-campaign.ts'
import { seeded } from './harness/random.ts'
import { freshFolder } from './harness/sqlite-factory.ts'

const KILLS = 100

test(`a committer killed ${KILLS} times loses nothing that it acknowledged, and the next one goes on`, async () => {
  const { path, remove } = await freshFolder()
  try {
    expect(await killWhileCommitting(path, KILLS, seeded(inject('seed')))).toBeGreaterThan(KILLS)
  } finally {
    await remove()
  }
}, 240_000)
