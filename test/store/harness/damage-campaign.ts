import assert from 'node:assert/strict'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { StoreError, type LogStore, type NewEvent } from '@holdfast/store'
import { openSqliteStore } from '@holdfast/store/sqlite'
import { copyDatabase, cutTo, flipBit } from './damage.ts'

/** Makes a database whose file and log both hold history, as a process that was killed leaves them. */
export async function prepareVictim(path: string, event: (text: string) => NewEvent): Promise<void> {
  {
    await using first = await openSqliteStore({ path: `${path}.source` })
    for (let batch = 0; batch < 10; batch += 1)
      await append(
        first,
        Array.from({ length: 20 }, () => event('x'.repeat(200))),
      )
  }
  await using second = await openSqliteStore({ path: `${path}.source` })
  for (let count = 0; count < 60; count += 1) await append(second, [event('y'.repeat(count * 20))])
  copyDatabase(`${path}.source`, path)
  assert.ok(statSync(`${path}-wal`).size > 100_000)
}

/** Everything that a store tells of its history. */
export async function historyOf(path: string): Promise<string> {
  await using store = await openSqliteStore({ path })
  const entries: unknown[] = [await store.head('default')]
  for await (const batch of store.read('default')) entries.push(...batch)
  for await (const batch of store.read('default', { direction: 'backwards', limit: 10 })) entries.push(...batch)
  return JSON.stringify(entries)
}

export interface Tally {
  harmless: number
  detected: number
}

/** Damages copies of a database at random places: each is found out, or tells exactly the true history. */
export async function damageCampaign(victim: string, rounds: number, random: () => number): Promise<Tally> {
  const truth = await trueHistory(victim)
  const tally: Tally = { harmless: 0, detected: 0 }
  const copy = `${victim}.copy`
  for (let round = 0; round < rounds; round += 1) {
    copyDatabase(victim, copy)
    const what = damage(copy, random)
    let told: string
    try {
      told = await historyOf(copy)
    } catch (error) {
      assert.ok(error instanceof StoreError, `${what}: ${String(error)}`)
      assert.ok(['corrupt', 'ledger-newer', 'foreign'].includes(error.code), `${what}: ${error.code} ${error.message}`)
      tally.detected += 1
      continue
    }
    assert.equal(told === truth, true, `${what} went unnoticed`)
    tally.harmless += 1
  }
  return tally
}

async function trueHistory(victim: string): Promise<string> {
  const copy = `${victim}.truth`
  copyDatabase(victim, copy)
  return historyOf(copy)
}

/** One bit or a lost end, in the file or its log; the log's index is as it was, or gone as after a reboot. */
function damage(path: string, random: () => number): string {
  const file = random() < 0.5 ? path : `${path}-wal`
  const length = readFileSync(file).length
  if (random() < 0.7) cutTo(`${path}-shm`, 0)
  if (random() < 0.25) {
    const rest = Math.floor(random() * length)
    cutTo(file, rest)
    return `${file} cut from ${length} to ${rest}`
  }
  const bit = Math.floor(random() * length * 8)
  flipBit(file, bit)
  return `bit ${bit} of ${file} (witness ${existsSync(`${path}.head`)})`
}

async function append(store: LogStore, events: readonly NewEvent[]): Promise<void> {
  const result = await store.append('default', await store.head('default'), events)
  assert.equal(result.outcome, 'appended')
}
