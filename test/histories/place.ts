import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { restoreBackup } from '@holdfast/engine/maintenance'
import type { LogStore } from '@holdfast/store'
import { MemoryLog, openMemoryStore } from '@holdfast/store/memory'
import { openSqliteStore } from '@holdfast/store/sqlite'
import type { VirtualTime } from '../setup/virtual-time.ts'

/** Where a history is written: opened as often as a test wants. */
export interface Place extends Disposable {
  open(): Promise<LogStore>
  /** Goes on with a backup that is put back by force; `false`: nothing can be put back here. */
  putBack(from: LogStore): Promise<boolean>
}

export function inMemory(time: VirtualTime): Place {
  const log = new MemoryLog(time.wall)
  return {
    open: async () => openMemoryStore({ log }),
    putBack: async () => false,
    [Symbol.dispose]: () => undefined,
  }
}

export function inSqlite(time: VirtualTime): Place {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-histories-'))
  const clocks = { clock: time.wall, bootClock: time.boot }
  let files = 0
  const fresh = (): string => join(folder, `${(files += 1)}.db`)
  let path = fresh()
  return {
    open: () => openSqliteStore({ path, ...clocks }),
    putBack: async from => {
      const backup = fresh()
      await from.backup?.(backup)
      path = fresh()
      await restoreBackup(backup, path, { force: true, actor: null, ...clocks })
      return true
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  }
}
