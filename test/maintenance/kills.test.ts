import { openLedger } from '@holdfast/engine/lean'
import { expect, inject, test } from 'vitest'
import { seeded } from '../store/harness/random.ts'
import { freshFolder } from '../store/harness/sqlite-factory.ts'
import { killPlaceAt, killWhileCompacting } from './kill-campaign.ts'

const KILLS = 60
const ROUNDS_MAX = 3

test(`a compacting process killed ${KILLS} times loses nothing, and the next one goes on`, async () => {
  const { path, remove } = await freshFolder()
  try {
    await (await openLedger(`sqlite:${path}`, { actor: null })).close()
    const [place, random] = [killPlaceAt(path), seeded(inject('seed'))]
    let { acknowledged, cuts } = await killWhileCompacting(place, KILLS, random)
    // A busy machine lets fewer of them come as far as a cut: then more are killed.
    for (let round = 1; round < ROUNDS_MAX && cuts <= KILLS / 6; round += 1) {
      const more = await killWhileCompacting(place, KILLS, random)
      acknowledged = Math.max(acknowledged, more.acknowledged)
      cuts += more.cuts
    }
    expect(acknowledged).toBeGreaterThan(KILLS)
    expect(cuts).toBeGreaterThan(KILLS / 6)
  } finally {
    await remove()
  }
}, 360_000)
