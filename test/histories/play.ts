import { openLedgerOn } from '@holdfast/engine'
import { openMemoryStore } from '@holdfast/store/memory'
import { VirtualTime } from '../setup/virtual-time.ts'
import { historyOf } from '../maintenance/bed.ts'
import type { History } from './moves.ts'
import type { Place } from './place.ts'
import { turned } from './slow-store.ts'
import { CONFIG, World } from './world.ts'

/** Played so far by this process. */
export const played = { commands: 0, histories: 0 }

/** Plays a history with two ledger objects in one process and looks for faults after every command, or all that were given at once; gives the first ones. */
export async function play(
  { importedMs, paces, moves }: History,
  at: (time: VirtualTime) => Place,
): Promise<readonly string[]> {
  const time = new VirtualTime()
  using place = at(time)
  if (importedMs > 0) await importOld(place, time, importedMs)
  const world = new World(place, time, paces)
  await world.begin()
  try {
    for (const [index, one] of moves.entries()) {
      await world.make(one)
      played.commands += 1
      if (!one.isAlone) continue
      await turned(one.turns)
      const faults = await world.faults()
      if (faults.length > 0) return [`after ${index + 1} commands`, ...faults]
    }
    await world.settle()
    return await world.faults()
  } finally {
    played.histories += 1
    await world.end()
  }
}

/** The beginning of another ledger, brought here with its times, as an import does. */
async function importOld(place: Place, time: VirtualTime, ageMs: number): Promise<void> {
  const source = openMemoryStore({ clock: () => time.wall() - ageMs })
  await using old = await openLedgerOn(source, { config: CONFIG, actor: null })
  await old.acquire({ lane: 'a', holder: 'H' })
  await using store = await place.open()
  const events = (await historyOf(source)).map(entry => {
    if (entry.type === 'UNRECOGNISED') throw new Error(entry.detail)
    const { eventId, type, schemaVersion, actor, data, recordedAt } = entry
    return { eventId, type, schemaVersion, actor, data, recordedAt }
  })
  await store.append('default', 'none', events)
}
