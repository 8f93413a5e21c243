import { randomUUID } from 'node:crypto'
import { existsSync, realpathSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { SIDE_STREAM_PREFIX } from '../checkpoint-parts.ts'
import { checkOptions } from '../check-given.ts'
import { StoreError } from '../errors.ts'
import type { BackupReport } from '../port.ts'
import {
  copyDatabase,
  likeDatabase,
  moveAside,
  moveBack,
  occupied,
  onCopy,
  publish,
  removeDatabase,
} from './copy-database.ts'
import { checkHeader } from './header.ts'
import { ignoreInGit } from './ignore-in-git.ts'
import { makeFolderOf, removeFolders } from './make-folder.ts'
import { databasePath } from './open-connection.ts'
import { APPLICATION_ID, BACKUP_APPLICATION_ID } from './schema.ts'
import { asStoreError } from './sqlite-error.ts'
import { parseStoreRow, REPLACE_STORE, SELECT_STORE, storeColumns } from './store-row.ts'
import { parseStreamRow, SELECT_STREAMS, type StreamRow } from './stream-row.ts'

/**
 * Writes the store as of this moment, archive included, into a new file that is marked as a backup: it can be read like
 * any store, and written only after `prepareRestore`. The file appears whole or not at all. Rejects with `invalid` when
 * something is there already, and with the signal's reason when that aborts before the copy is made.
 */
export async function backupDatabase(source: string, file: string, signal?: AbortSignal): Promise<BackupReport> {
  const path = databasePath(file)
  if (existsSync(path)) throw occupied(path, path)
  if (!existsSync(dirname(path)))
    throw new StoreError(
      'invalid',
      `There is no folder ${dirname(path)} for the backup. Make it first, or name a file in a folder that exists.`,
    )
  const draft = `${path}.${randomUUID()}.new`
  try {
    await copyDatabase(source, draft)
    signal?.throwIfAborted()
    onCopy(draft, database => database.exec(`PRAGMA application_id = ${BACKUP_APPLICATION_ID}`))
    publish(draft, path, { replace: false })
  } finally {
    removeDatabase(draft)
  }
  return { file: path, bytes: statSync(path).size, ledgers: ledgerNames(path) }
}

/** A backup that is being put back: a store of its own under another name until it is published. */
export interface PendingRestore {
  /** The store to continue, with everything that stands in the backup. */
  readonly draft: string
  readonly ledgers: readonly string[]
  /** Gives it its place. To be called when the draft is closed. Gives where it has moved what was there. */
  readonly publish: () => string | undefined
  /** Removes it; nothing has happened then. Does nothing once it is published. */
  readonly abandon: () => void
}

/**
 * Makes a store out of a backup, to be continued by the caller and then published at `path`. The new file has an
 * identity of its own, so nothing that lies about from the lost one is taken for its. Rejects with `invalid` for a file
 * that is no backup, and when something is at `path` already, unless that is the backup itself.
 */
export async function prepareRestore(options: {
  readonly file: string
  readonly path: string
  /** Whether what is at `path` makes way, under another name; default false. */
  readonly aside?: boolean | undefined
}): Promise<PendingRestore> {
  checkOptions(options, { aside: 'boolean' })
  const { file, path, aside = false } = options
  const backup = databasePath(file)
  const target = databasePath(path)
  const finding = checkHeader(backup)
  if (finding === 'absent') throw new StoreError('invalid', `There is no backup at ${backup}.`)
  if (finding === 'ours') {
    const message = `${backup} is no backup but a store in use, or a plain copy of one. Make backups with \`holdfast backup\`.`
    throw new StoreError('invalid', message)
  }
  const replace = backup === target
  const inTheWay = (replace ? ['-wal'] : ['', '-wal']).map(suffix => target + suffix).find(name => existsSync(name))
  if (inTheWay !== undefined && !(aside && !replace)) throw inTheWayOfRestore(target, inTheWay)
  const draft = `${target}.${randomUUID()}.new`
  const folders = makeFolderOf(target)
  const abandon = (): void => {
    removeDatabase(draft)
    rmSync(`${draft}.snap`, { recursive: true, force: true })
    removeFolders(folders)
  }
  try {
    await copyDatabase(backup, draft)
    onCopy(draft, database => {
      const store = { ...parseStoreRow(database.prepare(SELECT_STORE).get()), storeId: randomUUID() }
      database.prepare(REPLACE_STORE).run(...storeColumns(store))
      database.exec(`PRAGMA application_id = ${APPLICATION_ID}`)
    })
  } catch (error) {
    abandon()
    throw error
  }
  return {
    draft: realpathSync(draft),
    ledgers: ledgerNames(draft),
    publish: () => {
      if (existsSync(target)) likeDatabase(draft, target)
      const moved = aside && !replace ? moveAside(target) : undefined
      try {
        publish(draft, target, { replace })
      } catch (error) {
        if (moved !== undefined) moveBack(moved, target)
        throw error
      }
      ignoreInGit(target, { made: folders.length > 0 })
      return moved
    },
    abandon,
  }
}

function inTheWayOfRestore(target: string, found: string): StoreError {
  const message = `${found} is there already; nothing was changed. Restore with --move-aside, which gives ${target} and what belongs to it another name, or name another store.`
  return new StoreError('invalid', message)
}

/** The names of those streams that are ledgers. */
export function ledgersAmong(streams: readonly Pick<StreamRow, 'name'>[]): readonly string[] {
  return streams.map(({ name }) => name).filter(name => !name.startsWith(SIDE_STREAM_PREFIX))
}

/** The ledgers of a store file; side streams are part of theirs. */
function ledgerNames(path: string): readonly string[] {
  try {
    const database = new DatabaseSync(path, { readOnly: true })
    try {
      const streams = database.prepare(SELECT_STREAMS).all().map(parseStreamRow)
      return ledgersAmong(streams)
    } finally {
      database.close()
    }
  } catch (error) {
    throw asStoreError(error, path)
  }
}
