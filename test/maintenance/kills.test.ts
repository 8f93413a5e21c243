import { openLeanLedger } from '@holdfast/engine/lean'
import { expect, inject, test } from 'vitest'
import { seeded } from '../store/harness/random.ts'
import { freshFolder } from '../store/harness/sqlite-factory.ts'
import { killPlaceAt, killWhileCompacting } from './kill-campaign.ts'

const KILLS = 60

test(`a compacting process killed ${KILLS} times loses nothing, and the next one goes on`, async () => {
  const { path, remove } = await freshFolder()
  try {
    await (await openLeanLedger(`sqlite:${path}`, { actor: null })).close()
    const { acknowledged, cuts } = await killWhileCompacting(killPlaceAt(path), KILLS, seeded(inject('seed')))
    expect(acknowledged).toBeGreaterThan(KILLS)
    expect(cuts).toBeGreaterThan(KILLS / 6)
  } finally {
    await remove()
  }
}, 360_000)
