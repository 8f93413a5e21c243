import {
  accessSync,
  chmodSync,
  chownSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
  type Stats,
} from 'node:fs'
import { randomUUID } from 'node:crypto'
import { dirname } from 'node:path'

/** Beside a database that is not there yet. */
const ALONE = 0o600

const GROUP_BOTH = 0o060
const OTHERS_BOTH = 0o006
const SETGID = 0o2000

/**
 * How a file beside a database is made: those who may read and write the database may read and write it too. So its mode
 * is that of the database, whatever the umask, and its group as well.
 */
export interface Making {
  readonly mode: number
  /** The group that it must get; `undefined` when it has the right one by itself. */
  readonly gid: number | undefined
}

/**
 * How this process makes files beside a database; `undefined` when it must make none: the owner, or the others of the
 * group, could not use them.
 */
export function makingBeside(databasePath: string): Making | undefined {
  const database = statSync(databasePath, { throwIfNoEntry: false })
  const folder = statSync(dirname(databasePath), { throwIfNoEntry: false })
  if (database === undefined) return { mode: ALONE, gid: undefined }
  if (folder === undefined || !mayWrite(databasePath)) return undefined
  return makingFor(database, folder)
}

function makingFor(database: Stats, folder: Stats): Making | undefined {
  const mode = database.mode & 0o777
  const uid = process.geteuid?.()
  const ownGid = process.getegid?.()
  // A system without such owners has nothing to hand over.
  if (uid === undefined || ownGid === undefined) return { mode, gid: undefined }
  const gidByItself = (folder.mode & SETGID) === 0 ? ownGid : folder.gid
  const hasGroup = gidByItself === database.gid
  const canHaveGroup = hasGroup || uid === 0 || ownGid === database.gid || isMember(database.gid)
  const making = { mode, gid: hasGroup || !canHaveGroup ? undefined : database.gid }
  if (uid === 0 || uid === database.uid) return making
  if ((mode & OTHERS_BOTH) === OTHERS_BOTH) return making
  return (mode & GROUP_BOTH) === GROUP_BOTH && canHaveGroup ? making : undefined
}

function isMember(gid: number): boolean {
  return process.getgroups?.().includes(gid) ?? false
}

/** Whether this process may write what is there. */
export function mayWrite(path: string): boolean {
  return may(path, constants.W_OK)
}

export function may(path: string, mode: number): boolean {
  try {
    accessSync(path, mode)
    return true
  } catch {
    return false
  }
}

/** Why what lies beside a database is none of its files. */
export type Oddity =
  /** A symbolic link: what is written there would land where it leads. */
  | 'a link'
  /** A socket, too, or a device. */
  | 'a pipe or a device'
  | 'a folder'
  /** No folder where one should be. */
  | 'no folder'
  /** Made by a user who has no part in the database. */
  | "a stranger's"

/** What is odd about a path beside a database, if anything is there at all; `null`: nothing. */
export function oddityOf(databasePath: string, path: string, kind: 'file' | 'folder'): Oddity | null {
  const found = lstatSync(path, { throwIfNoEntry: false })
  return found === undefined ? null : oddity(found, databasePath, kind)
}

function oddity(found: Stats, databasePath: string, kind: 'file' | 'folder'): Oddity | null {
  if (found.isSymbolicLink()) return 'a link'
  if (kind === 'folder') return found.isDirectory() ? strangeness(found, databasePath) : 'no folder'
  if (found.isDirectory()) return 'a folder'
  return found.isFile() ? strangeness(found, databasePath) : 'a pipe or a device'
}

export type SideAccess = 'read' | 'write' | 'append'

const FLAGS: Readonly<Record<SideAccess, number>> = {
  read: constants.O_RDONLY,
  write: constants.O_RDWR,
  append: constants.O_WRONLY | constants.O_APPEND,
}

/** Accepted owners: this user, the administrator, the database's owner, and its group where that may write it. */
function strangeness(found: Stats, databasePath: string): Oddity | null {
  const uid = process.geteuid?.()
  if (uid === undefined || found.uid === uid || found.uid === 0) return null
  const database = statSync(databasePath, { throwIfNoEntry: false })
  if (database === undefined || found.uid === database.uid) return null
  const isGroups = (database.mode & GROUP_BOTH) === GROUP_BOTH && found.gid === database.gid
  return isGroups || (database.mode & OTHERS_BOTH) === OTHERS_BOTH ? null : "a stranger's"
}

/**
 * Opens a file beside a database that is there. It never waits (a pipe) and never follows a link, and throws for whatever
 * is none of the database's files: that counts as absent. A file that has another name besides, as a backup by hard links
 * makes one, is read as it is; before it is written it becomes a file of its own, so that nothing lands in the other.
 */
export function openThere(databasePath: string, path: string, access: SideAccess): number {
  const file = openOurs(databasePath, path, access)
  if (access === 'read' || isAlone(file, path)) return file
  closeSync(file)
  separate(databasePath, path)
  const own = openOurs(databasePath, path, access)
  if (isAlone(own, path)) return own
  closeSync(own)
  throw new Error(`${path} has another name, which somebody gives it again and again`)
}

function openOurs(databasePath: string, path: string, access: SideAccess): number {
  const file = openSync(path, FLAGS[access] | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  const odd = oddity(fstatSync(file), databasePath, 'file')
  if (odd === null) return file
  closeSync(file)
  throw new Error(`${path} is ${odd}`)
}

/** Whether the file has this name, and no other one. */
function isAlone(file: number, path: string): boolean {
  const { nlink, ino } = fstatSync(file)
  return nlink === 1 && lstatSync(path, { throwIfNoEntry: false })?.ino === ino
}

/** Puts a copy in the place of one name of a file. */
function separate(databasePath: string, path: string): void {
  const from = openOurs(databasePath, path, 'read')
  const draft = `${path}.${randomUUID()}.new`
  try {
    const to = createBeside(databasePath, draft)
    try {
      writeSync(to, readFileSync(from))
    } finally {
      closeSync(to)
    }
    renameSync(draft, path)
  } finally {
    closeSync(from)
    rmSync(draft, { force: true })
  }
}

/**
 * Opens a file beside a database for reading and writing, or to append to it, and makes it where this process makes such
 * files. Throws what the system says when there is none, or it is not to be written, and for what is none of the
 * database's files.
 */
export function openBeside(databasePath: string, path: string, access: SideAccess = 'write'): number {
  try {
    return openThere(databasePath, path, access)
  } catch (error) {
    const making = isMissing(error) ? makingBeside(databasePath) : undefined
    if (making === undefined) throw error
    closeSync(make(databasePath, path, making))
    return openThere(databasePath, path, access)
  }
}

/** Makes a folder beside a database, for the same users; false when it is not there and not to be made by this process. */
export function makeFolderBeside(databasePath: string, path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found !== undefined) return oddity(found, databasePath, 'folder') === null
  const making = makingBeside(databasePath)
  if (making === undefined) return false
  const mode = folderMode(making.mode)
  mkdirSync(path, mode)
  own(databasePath, path, making)
  chmodSync(path, mode)
  return true
}

/** Writes a new file into a folder beside a database. */
export function createBeside(databasePath: string, path: string): number {
  const making = makingBeside(databasePath)
  if (making === undefined) throw new Error(`${path} is not this user's to make`)
  return make(databasePath, path, making)
}

/**
 * SQLite gives its log and its index the database's mode, and the group that its process has. Where that is another group
 * they are made here first, and come to their place with the right one.
 */
export function prepareLogFiles(databasePath: string, making: Making): void {
  if (making.gid === undefined) return
  for (const path of [`${databasePath}-wal`, `${databasePath}-shm`]) {
    if (statSync(path, { throwIfNoEntry: false }) !== undefined) continue
    const draft = `${path}.${randomUUID()}.new`
    try {
      closeSync(make(databasePath, draft, making))
      linkSync(draft, path)
    } catch {
      // Somebody else was first.
    } finally {
      rmSync(draft, { force: true })
    }
  }
}

/** A folder of the same users: whoever reads may enter, and the group goes on to what is made in it. */
export function folderMode(fileMode: number): number {
  const mode = (fileMode & 0o777) | ((fileMode & 0o444) >> 2)
  return (mode & 0o020) === 0 ? mode : mode | SETGID
}

function make(databasePath: string, path: string, making: Making): number {
  let file: number
  try {
    file = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, making.mode)
  } catch (error) {
    const isThere = error instanceof Error && 'code' in error && error.code === 'EEXIST'
    if (isThere) return openThere(databasePath, path, 'write')
    throw error
  }
  try {
    fchmodSync(file, making.mode)
    const uid = process.geteuid?.()
    if (uid === 0) fchownSync(file, ...ownerOf(databasePath))
    else if (uid !== undefined && making.gid !== undefined) fchownSync(file, uid, making.gid)
  } catch {
    // A file system without owners: there is nobody to keep out.
  }
  return file
}

function own(databasePath: string, path: string, { gid }: Making): void {
  try {
    const uid = process.geteuid?.()
    if (uid === 0) chownSync(path, ...ownerOf(databasePath))
    else if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid)
  } catch {
    // A file system without owners.
  }
}

/** What the administrator's processes make belongs to whom the database belongs to, as SQLite does it. */
function ownerOf(databasePath: string): [uid: number, gid: number] {
  const { uid, gid } = statSync(databasePath)
  return [uid, gid]
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
