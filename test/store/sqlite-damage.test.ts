import { rmSync } from 'node:fs'
import { expect, inject, test } from 'vitest'
import { openSqliteStore } from '@holdfast/store/sqlite'
import { damageCampaign, historyOf, prepareVictim } from './harness/damage-campaign.ts'
import { copyDatabase, cutTo } from './harness/damage.ts'
import { beat } from './harness/events.ts'
import { seeded } from './harness/random.ts'
import { freshFolder } from './harness/sqlite-factory.ts'

const ROUNDS = 100

test(`${ROUNDS} bit flips and lost ends in file and log are found out or change nothing`, async () => {
  const { path, remove } = await freshFolder()
  try {
    await prepareVictim(path, beat)
    const { harmless, detected } = await damageCampaign(path, ROUNDS, seeded(inject('seed')))
    expect(harmless + detected).toBe(ROUNDS)
    expect(detected).toBeGreaterThan(ROUNDS / 4)
  } finally {
    await remove()
  }
}, 240_000)

test('a log that lost its end is rolled back; without the witness nobody could tell', async () => {
  const { path, remove } = await freshFolder()
  try {
    await prepareVictim(path, beat)
    const whole = await trueLength(path)
    cutTo(`${path}-wal`, 60_000)
    cutTo(`${path}-shm`, 0)
    copyDatabase(path, `${path}.unwitnessed`)
    await expect(historyOf(path)).rejects.toMatchObject({ code: 'corrupt', detail: 'rolled-back' })
    rmSync(`${path}.unwitnessed.head`)
    expect((await trueLength(`${path}.unwitnessed`)) < whole).toBe(true)
  } finally {
    await remove()
  }
})

test('what lies before the damage can still be read', async () => {
  const { path, remove } = await freshFolder()
  try {
    await prepareVictim(path, beat)
    cutTo(`${path}-wal`, 0)
    rmSync(`${path}.head`)
    const { DatabaseSync } = await import('node:sqlite')
    const raw = new DatabaseSync(path)
    raw.exec(`UPDATE events SET body = replace(body, 'x', 'z') WHERE position = 150`)
    raw.close()
    await using store = await openSqliteStore({ path })
    let read = 0
    const reading = (async () => {
      for await (const batch of store.read('default')) read += batch.length
    })()
    await expect(reading).rejects.toMatchObject({ code: 'corrupt', detail: 'chain' })
    expect(read).toBe(150)
    expect(await store.check('default')).toContainEqual(
      expect.objectContaining({ name: 'hash-chain', ok: false, count: 150 }),
    )
  } finally {
    await remove()
  }
})

async function trueLength(path: string): Promise<number> {
  const copy = `${path}.measured`
  copyDatabase(path, copy)
  return (await historyOf(copy)).length
}
