import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StoreFactory } from '@holdfast/store/contract'
import { openSqliteStore } from '@holdfast/store/sqlite'

/** A fresh folder for one test's database. */
export async function freshFolder(): Promise<{
  readonly folder: string
  readonly path: string
  readonly remove: () => Promise<void>
}> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-store-'))
  return { folder, path: join(folder, 'ledger.db'), remove: () => rm(folder, { recursive: true, force: true }) }
}

export const sqliteFactory: StoreFactory = {
  name: 'sqlite',
  open: async () => {
    const { path, remove } = await freshFolder()
    return { connect: () => openSqliteStore({ path }), dispose: remove }
  },
}
