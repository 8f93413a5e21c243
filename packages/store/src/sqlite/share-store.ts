import { chmodSync, chownSync, readdirSync, statSync, type Stats } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { StoreError } from '../errors.ts'
import { groupName, userName } from './account-name.ts'
import { databasePath } from './open-connection.ts'
import { asStoreError } from './sqlite-error.ts'

/** The database of a group, and what lies beside it. */
export const SHARED_FILE = 0o660

/** Its folder: what is made in it belongs to the group. */
export const SHARED_FOLDER = 0o2770

/** What may lie in a folder of ours beside the database's own files. */
const OURS_TOO: ReadonlySet<string> = new Set(['.gitignore'])

export interface SharedStore {
  readonly path: string
  readonly gid: number
}

/**
 * Whether the store at a path can be shared with a group: it and its folder must be this user's (or this user the
 * administrator), and a folder that holds other files too must be the group's already. Throws `invalid` with what to do.
 * What is not there yet can be shared once it is made.
 */
export function checkShareable({ path, gid }: SharedStore): void {
  const file = databasePath(path)
  const folder = dirname(file)
  for (const place of [folder, file]) demandOwn(place)
  if (!isThere(folder) || isOurs(folder, file)) return
  const { mode, gid: folderGid } = statSync(folder)
  if (folderGid === gid && (mode & 0o070) === 0o070) return
  const group = groupName(gid)
  const message = `The folder ${folder} holds other files too, so its mode was not changed, and group ${group} may not make files in it. Nothing was shared. Do \`chgrp ${group} ${folder} && chmod g+rwxs ${folder}\` and try again, or put the ledger into a folder of its own.`
  throw new StoreError('invalid', message)
}

/**
 * Shares a store with a group, for reading and writing: database, all that lies beside it, and its folder. What processes
 * make beside it later follows the database. Sharing it again changes nothing. Throws like `checkShareable`.
 */
export function shareStore({ path, gid }: SharedStore): void {
  checkShareable({ path, gid })
  const file = databasePath(path)
  const folder = dirname(file)
  try {
    // The files beside it first: whoever can open the database can use them too. And once more after it, for those that
    // another process has made in between after the old mode.
    shareAll(besides(folder, file), gid)
    give(file, gid)
    shareAll(besides(folder, file), gid)
    if (isOurs(folder, file)) give(folder, gid)
  } catch (error) {
    throw asStoreError(error, file)
  }
}

function shareAll(paths: readonly string[], gid: number): void {
  for (const path of paths) {
    try {
      give(path, gid)
      if (statSync(path).isDirectory()) for (const name of readdirSync(path)) give(join(path, name), gid)
    } catch (error) {
      // The last process that closes takes the log with it.
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    }
  }
}

function give(path: string, gid: number): void {
  const { uid, isFolder, mode, gid: before } = look(statSync(path))
  const wanted = isFolder ? SHARED_FOLDER : SHARED_FILE
  // In this order: to change the group takes the setgid bit away.
  if (before !== gid) chownSync(path, uid, gid)
  if (mode !== wanted || before !== gid) chmodSync(path, wanted)
}

function look(found: Stats) {
  return { uid: found.uid, gid: found.gid, isFolder: found.isDirectory(), mode: found.mode & 0o7777 }
}

function besides(folder: string, file: string): readonly string[] {
  const name = basename(file)
  return readdirSync(folder)
    .filter(each => (each !== name && each.startsWith(name)) || (isOurs(folder, file) && OURS_TOO.has(each)))
    .map(each => join(folder, each))
}

/** Whether nothing else lies in a folder, so that its mode is ours to choose. */
function isOurs(folder: string, file: string): boolean {
  return readdirSync(folder).every(name => name.startsWith(basename(file)) || OURS_TOO.has(name))
}

function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined
}

function demandOwn(path: string): void {
  let found: Stats | undefined
  try {
    found = statSync(path, { throwIfNoEntry: false })
  } catch (error) {
    throw asStoreError(error, path)
  }
  const uid = process.geteuid?.()
  if (found === undefined || uid === undefined || uid === 0 || found.uid === uid) return
  const message = `${path} belongs to user ${userName(found.uid)}, who alone can share it. Nothing was changed.`
  throw new StoreError('invalid', message)
}
