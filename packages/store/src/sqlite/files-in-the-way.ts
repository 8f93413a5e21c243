import { constants, lstatSync, readdirSync, statSync, type Stats } from 'node:fs'
import { dirname, join } from 'node:path'
import { OPENED_SUFFIXES } from './access.ts'
import { groupName, modeText, userName } from './account-name.ts'
import { folderMode, may, mayWrite, oddityOf } from './side-file.ts'

/** What processes make beside a database and write again: files, then folders. */
const FILES = [...OPENED_SUFFIXES, '.head', '.notify', '.queue', '.past', '.past-journal', '.guard.log'] as const
const FOLDERS = ['.snap', '.wake'] as const

/** Where a server announces itself, for the processes of its own user alone: nobody else needs to write it. */
const SERVER_FOLDER = '.serve'
const ANNOUNCEMENT = 'server.json'

const SETGID = 0o2000

/** Odd files of one folder that are named. */
const NAMED_MAX = 10

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
  const within = FOLDERS.flatMap(suffix => oddWithin(databasePath + suffix, databasePath))
  const beside = sides.flatMap(path => inTheWay(path, databasePath, database))
  const server = oddAnnouncement(databasePath)
  return [...foldersInTheWay(databasePath, database), ...beside, ...within, ...server]
}

/** What is odd in a folder of small files, the first that are found. */
function oddWithin(folder: string, databasePath: string): readonly FileInTheWay[] {
  if (lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true || !may(folder, constants.R_OK)) return []
  const files = readdirSync(folder).map(name => join(folder, name))
  return files.flatMap(path => oddOne(path, databasePath) ?? []).slice(0, NAMED_MAX)
}

/** A folder that this user may not enter tells nothing, and its announcement is not read either. */
function oddAnnouncement(databasePath: string): readonly FileInTheWay[] {
  const folder = databasePath + SERVER_FOLDER
  const odd = oddOne(folder, databasePath)
  if (odd !== undefined) return [odd]
  if (!may(folder, constants.X_OK)) return []
  return [oddOne(join(folder, ANNOUNCEMENT), databasePath)].filter(file => file !== undefined)
}

function inTheWay(path: string, databasePath: string, database: Stats): readonly FileInTheWay[] {
  const odd = oddOne(path, databasePath)
  if (odd !== undefined) return [odd]
  const found = lookAt(path)
  if (found === undefined) return []
  const who = whoCannot(path, found, { databasePath, database })
  if (who === undefined) return []
  const mode = found.isDirectory() ? folderMode(database.mode) : database.mode & 0o777
  return [problem(path, found, { who, uid: database.uid, gid: database.gid, mode })]
}

/** What lies in the place of a file and is none of the database's counts as absent. */
function oddOne(path: string, databasePath: string): FileInTheWay | undefined {
  const isFolder = [...FOLDERS, SERVER_FOLDER].some(suffix => path === databasePath + suffix)
  const odd = oddityOf(databasePath, path, isFolder ? 'folder' : 'file')
  if (odd === null) return undefined
  const isLog = OPENED_SUFFIXES.some(suffix => path === databasePath + suffix)
  if (isLog && odd === 'a folder') return undefined
  const detail = isLog
    ? `${path} is ${odd}: the store is not opened beside it`
    : `${path} is ${odd} and counts as absent`
  return { path, detail, next: `Find out who put it there, and remove it: rm -r -- ${quoted(path)}` }
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
  const words = quoted(path)
  return {
    path,
    detail: `${path} belongs to ${owner}: ${who} cannot write it`,
    next: `Its owner or the administrator mends it: chown ${uid}:${gid} ${words} && chmod ${modeText(mode)} ${words}`,
  }
}

function quoted(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`
}

function lookAt(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined // Its folder is closed to this user, which opening says.
  }
}
