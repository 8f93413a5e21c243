import { createHash } from 'node:crypto'
import { closeSync, constants, fstatSync, lstatSync, mkdirSync, openSync, readSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AnnouncementShape, type Announcement } from './announcement-shapes.ts'

/** Bytes that the path of a Unix socket may have; systems take 103 to 107. */
const SOCKET_PATH_BYTES_MAX = 100

const ANNOUNCEMENT_BYTES_MAX = 16 * 1024

const SQLITE = 'sqlite:'

/** The folder in which the server of a store announces itself: beside its file, else in the user's runtime folder. */
export function serveFolder(storeUrl: string): string {
  const path = filePathOf(storeUrl)
  if (path !== null) return `${path}.serve`
  return join(runtimeFolder(), `${createHash('sha256').update(storeUrl).digest('hex').slice(0, 16)}.serve`)
}

/** Where a socket of that name is made: in the folder, or where its path would be too long, in the runtime folder. */
export function socketPath(folder: string, name: string): string {
  const beside = join(folder, name)
  return Buffer.byteLength(beside) <= SOCKET_PATH_BYTES_MAX ? beside : join(runtimeFolder(), name)
}

/** The user's own folder for what lives as long as a session. */
export function runtimeFolder(): string {
  const given = process.env['XDG_RUNTIME_DIR']
  const base = given !== undefined && given !== '' && isOwnFolder(given) ? given : null
  return base === null ? join(tmpdir(), `holdfast-${process.geteuid?.() ?? 'user'}`) : join(base, 'holdfast')
}

/** The path of the file that a store is, if it is one. */
export function filePathOf(storeUrl: string): string | null {
  return storeUrl.startsWith(SQLITE) ? storeUrl.slice(SQLITE.length) : null
}

/** Device and inode of a store's file; `null` where there is none. */
export function fileIdentity(storeUrl: string): string | null {
  const path = filePathOf(storeUrl)
  const found = path === null ? undefined : statSync(path, { bigint: true, throwIfNoEntry: false })
  return found === undefined ? null : `${found.dev}:${found.ino}`
}

/** A real folder of this user's that nobody else may enter. One `lstat`. */
export function isOwnFolder(path: string): boolean {
  const found = lookAt(path)
  return found !== undefined && found.isDirectory() && isOwn(found) && (found.mode & 0o077) === 0
}

/** A real socket of this user's. */
export function isOwnSocket(path: string): boolean {
  const found = lookAt(path)
  return found !== undefined && found.isSocket() && isOwn(found)
}

/** Makes a folder that nobody else may enter. False where something else is in its place. */
export function makeOwnFolder(path: string): boolean {
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch {
    // It may be there; what it is, is looked at now.
  }
  return isOwnFolder(path)
}

/** The announcement in a folder that is this user's own. `null` for none, and for whatever is not one. */
export function readAnnouncement(folder: string): Announcement | null {
  if (!isOwnFolder(folder)) return null
  const text = readOwnFile(join(folder, ANNOUNCEMENT))
  if (text === null) return null
  try {
    const parsed = AnnouncementShape.safeParse(JSON.parse(text))
    return parsed.success ? parsed.data : null
  } catch {
    return null // Torn, or somebody else's.
  }
}

/** Whether somebody says that he serves a store. Where nobody does, it costs one `lstat`. */
export function isAnnounced(storeUrl: string): boolean {
  return readAnnouncement(serveFolder(storeUrl)) !== null
}

/** Name of the announcement in its folder. */
export const ANNOUNCEMENT = 'server.json'

/** Opened without waiting and without following a link. */
function readOwnFile(path: string): string | null {
  let file: number
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch {
    return null
  }
  try {
    const found = fstatSync(file)
    if (!found.isFile() || !isOwn(found) || found.size > ANNOUNCEMENT_BYTES_MAX) return null
    const bytes = Buffer.alloc(found.size)
    return bytes.toString('utf8', 0, readSync(file, bytes))
  } finally {
    closeSync(file)
  }
}

function isOwn({ uid }: { readonly uid: number }): boolean {
  return uid === process.geteuid?.()
}

function lookAt(path: string) {
  try {
    return lstatSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined // Its folder is closed to this user.
  }
}
