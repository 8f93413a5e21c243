import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LogStore } from '@holdfast/store'
import { openMemoryStore } from '@holdfast/store/memory'
import { openSqliteStore } from '@holdfast/store/sqlite'
import { VirtualTime } from '../setup/virtual-time.ts'

/** A store under virtual time, gone when the test is over. */
export interface TestBed extends AsyncDisposable {
  readonly store: LogStore
  readonly time: VirtualTime
  /** The database file; `null` for a memory store. */
  readonly path: string | null
}

async function memoryBed(): Promise<TestBed> {
  const time = VirtualTime.ofTheCalendar()
  const store = openMemoryStore({ clock: time.wall })
  return { store, time, path: null, [Symbol.asyncDispose]: () => store.close() }
}

async function sqliteBed(): Promise<TestBed> {
  const time = VirtualTime.ofTheCalendar()
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-projections-'))
  const path = join(folder, 'ledger.db')
  const store = await openSqliteStore({ path, clock: time.wall, bootClock: time.boot })
  const dispose = async () => {
    await store.close()
    await rm(folder, { recursive: true, force: true })
  }
  return { store, time, path, [Symbol.asyncDispose]: dispose }
}

/** Every store that views must work on alike. */
export const BEDS = [
  { kind: 'memory', open: memoryBed },
  { kind: 'sqlite', open: sqliteBed },
] as const
