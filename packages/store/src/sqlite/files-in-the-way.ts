import { statSync, type Stats } from 'node:fs'
import { dirname } from 'node:path'
import { groupName, modeText, userName } from './account-name.ts'
import { folderMode, mayWrite } from './side-file.ts'

/** What processes make beside a database and write again: files, then folders. */
const FILES = ['-wal', '-shm', '.head', '.notify', '.queue', '.guard.log'] as const
const FOLDERS = ['.snap', '.wake'] as const

const SETGID = 0o2000

/** A file beside a database that somebody who may write the database cannot use. */
export interface FileInTheWay {
  readonly path: string
  /** One sentence without its full stop: whose it is, and who cannot write it. */
  readonly detail: string
  /** What mends it, as a command for its owner or the administrator. */
  readonly next: string
}

/**
 * The files and folders beside a database that this user, its owner or its group cannot write although they may write the
 * database. A database that is not there, or not to be reached, has none.
 */
export function filesInTheWay(databasePath: string): readonly FileInTheWay[] {
  const database = lookAt(databasePath)
  if (database === undefined) return []
  const sides = [...FILES, ...FOLDERS].map(suffix => databasePath + suffix)
  return [...foldersInTheWay(databasePath, database), ...sides.flatMap(path => inTheWay(path, databasePath, database))]
}

function inTheWay(path: string, databasePath: string, database: Stats): readonly FileInTheWay[] {
  const found = lookAt(path)
  if (found === undefined) return []
  const who = whoCannot(path, found, { databasePath, database })
  if (who === undefined) return []
  const mode = found.isDirectory() ? folderMode(database.mode) : database.mode & 0o777
  return [problem(path, found, { who, uid: database.uid, gid: database.gid, mode })]
}

function whoCannot(
  path: string,
  found: Stats,
  { databasePath, database }: { readonly databasePath: string; readonly database: Stats },
): string | undefined {
  const bits = (shift: number, mode = found.mode): boolean => ((mode >> shift) & 6) === 6
  if (mayWrite(databasePath) && !mayWrite(path)) return 'this user'
  const groupShares = bits(3, database.mode)
  const groupCan = bits(0) || (bits(3) && found.gid === database.gid)
  if (found.uid !== database.uid && !groupCan) return `its owner ${userName(database.uid)}`
  if (groupShares && !groupCan) return `the group ${groupName(database.gid)}`
  return undefined
}

/** The folder of a database that a group writes: its members make files in it. */
function foldersInTheWay(databasePath: string, database: Stats): readonly FileInTheWay[] {
  const path = dirname(databasePath)
  const folder = lookAt(path)
  const isShared = (database.mode & 0o060) === 0o060
  if (folder === undefined || !isShared) return []
  const isOpen = (folder.mode & 0o002) !== 0 || ((folder.mode & 0o020) !== 0 && folder.gid === database.gid)
  if (isOpen) return []
  const who = `the group ${groupName(database.gid)}`
  const mode = (folder.mode & 0o777) | 0o070 | SETGID
  return [problem(path, folder, { who, uid: folder.uid, gid: database.gid, mode })]
}

function problem(
  path: string,
  found: Stats,
  { who, uid, gid, mode }: { readonly who: string; readonly uid: number; readonly gid: number; readonly mode: number },
): FileInTheWay {
  const owner = `user ${userName(found.uid)} and group ${groupName(found.gid)}, with mode ${modeText(found.mode)}`
  const words = `'${path.replaceAll("'", "'\\''")}'`
  return {
    path,
    detail: `${path} belongs to ${owner}: ${who} cannot write it`,
    next: `Its owner or the administrator mends it: chown ${uid}:${gid} ${words} && chmod ${modeText(mode)} ${words}`,
  }
}

function lookAt(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined // Its folder is closed to this user, which opening says.
  }
}
