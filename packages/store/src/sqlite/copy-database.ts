import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import { StoreError } from '../errors.ts'
import { accessTo } from './access.ts'
import { makePrivateFile } from './create-database.ts'
import { copyForReading } from './private-copy.ts'
import { asStoreError, damaged } from './sqlite-error.ts'

/** Pages that one step copies: all of them, so that writers who go on meanwhile never make it begin again. */
const ALL_PAGES = 2 ** 31 - 1

/** What lies beside a database and belongs to it. */
const COMPANIONS = ['-wal', '-shm', '-journal', '.head', '.notify', '.queue', '.wake'] as const

/**
 * Copies a database as of one moment into a file that was not there, while others read and write it; the copy is one
 * file, with nothing beside it. Rejects with `unavailable` when there is no room, `corrupt` when the source is damaged.
 */
export async function copyDatabase(source: string, target: string): Promise<void> {
  try {
    makePrivateFile(target)
    // Even to read it SQLite would make files beside it, which its other users could not write.
    const own = accessTo(source).kind === 'read' ? copyForReading(source) : undefined
    try {
      const database = new DatabaseSync(own?.file ?? source, { readOnly: true })
      try {
        await backup(database, target, { rate: ALL_PAGES })
      } finally {
        database.close()
      }
    } finally {
      own?.remove()
    }
  } catch (error) {
    removeDatabase(target)
    throw asStoreError(error, source)
  }
}

/** Runs `work` on a copy that nobody else knows yet, without a log beside it, and syncs it. */
export function onCopy(path: string, work: (database: DatabaseSync) => void): void {
  const database = new DatabaseSync(path)
  try {
    database.exec('PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL')
    const found = database.prepare('PRAGMA quick_check').get()?.['quick_check']
    if (found !== 'ok') throw damaged(String(found), path)
    database.exec('BEGIN IMMEDIATE')
    work(database)
    database.exec('COMMIT')
  } catch (error) {
    throw asStoreError(error, path)
  } finally {
    database.close()
  }
}

/** Gives a finished copy its name, durably; `replace` only over the very file that it was made from. */
export function publish(draft: string, path: string, { replace }: { readonly replace: boolean }): void {
  for (const suffix of COMPANIONS) rmSync(draft + suffix, { force: true, recursive: true })
  try {
    sync(draft)
    if (replace) renameSync(draft, path)
    else linkSync(draft, path)
    sync(dirname(path))
  } catch (error) {
    if (existsSync(path) && !replace) throw occupied(path, path)
    throw asStoreError(error, path)
  } finally {
    rmSync(draft, { force: true })
  }
}

/** What makes way when a store is put in the place of another: the database first, for a log without one is found out. */
const MOVED = ['', ...COMPANIONS, '.snap', '.past'] as const

/** Moves a database and what belongs to it to names of their own, and gives that of the database; `undefined` where none is. */
export function moveAside(path: string): string | undefined {
  const there = MOVED.filter(suffix => existsSync(path + suffix))
  if (there.length === 0) return undefined
  const stamp = new Date().toISOString().replaceAll(/[-:]/g, '').replace(/\..*/, 'Z')
  let aside = `${path}.aside-${stamp}`
  for (let count = 2; existsSync(aside); count += 1) aside = `${path}.aside-${stamp}-${count}`
  try {
    for (const suffix of there) renameSync(path + suffix, aside + suffix)
  } catch (error) {
    throw asStoreError(error, path)
  }
  return aside
}

/** Undoes that, where the place is still free. The database comes last: till then nobody takes what is there for whole. */
export function moveBack(aside: string, path: string): void {
  if (existsSync(path)) return
  for (const suffix of MOVED.toReversed()) if (existsSync(aside + suffix)) renameSync(aside + suffix, path + suffix)
}

/** Gives a copy the mode and group of the database that it is to replace. */
export function likeDatabase(copy: string, database: string): void {
  const { mode, gid } = statSync(database)
  const own = statSync(copy)
  try {
    if (own.gid !== gid) chownSync(copy, own.uid, gid)
  } catch {
    return // Not this user's group: it stays with its owner alone.
  }
  chmodSync(copy, mode & 0o777)
}

/** Something is where a new file should be. */
export function occupied(path: string, found: string): StoreError {
  const message = `${found} is there already; nothing was changed. Name another file, or move ${path} and what begins with its name away.`
  return new StoreError('invalid', message)
}

export function removeDatabase(path: string): void {
  for (const suffix of ['', ...COMPANIONS]) rmSync(path + suffix, { force: true, recursive: true })
}

function sync(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
