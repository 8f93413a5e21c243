import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runs } from '../core/harness/properties.ts'
import { World, moves, type Move } from './history.ts'
import { shownByLog, shownByLooks } from './oracle.ts'
import { Watcher, type Mutant } from './watcher.ts'

const BY_LOOKS = new Set(['spinning', 'stalled', 'orphan'])

async function play(history: readonly Move[], mutant: Mutant = null): Promise<Watcher> {
  const world = await World.make()
  const watcher = new Watcher(world, mutant)
  // The first server begins with an empty ledger.
  await watcher.look({ isLost: false })
  for (const move of history) {
    await world.move(move)
    if (move.does === 'look') await watcher.look({ isLost: false })
    else if (move.does === 'crash-late') await watcher.look({ isLost: true })
    else if (move.does === 'crash') watcher.crash()
    else if (move.does === 'stop') watcher.stop()
  }
  await watcher.look({ isLost: false })
  await watcher.look({ isLost: false })

  expect(new Set(watcher.ids).size, 'a cause was told twice').toBe(watcher.ids.length)
  const byLog = watcher.told
    .filter(({ kind }) => !BY_LOOKS.has(kind))
    .map(({ subject, sinceMs }) => `${subject} ${sinceMs}`)
  expect(new Set(byLog)).toEqual(shownByLog(world.log, watcher.nowMs))
  expect(byLog.length).toBe(new Set(byLog).size)
  const byLooks = watcher.told.filter(({ kind }) => BY_LOOKS.has(kind)).map(({ subject }) => subject)
  const told = Object.fromEntries(
    Map.groupBy(byLooks, key => key)
      .entries()
      .map(([key, all]) => [key, all.length]),
  )
  expect(told).toEqual(Object.fromEntries(shownByLooks(watcher.seen)))
  return watcher
}

const holds = (mutant: Mutant) => fc.asyncProperty(moves, async history => void (await play(history, mutant)))

describe('causes', () => {
  it('each is told once over random histories in which servers are stopped and killed', async () => {
    await fc.assert(holds(null), runs(100))
  })

  it('every kind is told in those histories', async () => {
    const kinds = new Set<string>()
    for (const history of fc.sample(moves, { numRuns: 60, seed: 7 })) {
      for (const { kind } of (await play(history)).told) kinds.add(kind)
    }
    expect([...kinds].sort()).toEqual(
      ['expired', 'halt-overdue', 'lease-lost', 'orphan', 'refused-for', 'spinning', 'stalled'].sort(),
    )
  })

  it.each([
    ['a server that forgets what it told', 'forgets'],
    ['a server that writes down what begins and not what ends', 'keeps-no-ends'],
    ['a server that begins at the head of the log', 'skips'],
  ] as const)('mutant: %s', async (_, mutant) => {
    const { failed } = await fc.check(holds(mutant), { numRuns: 2_000, endOnFailure: true })
    expect(failed, 'the planted mutant went unnoticed').toBe(true)
  })
})
