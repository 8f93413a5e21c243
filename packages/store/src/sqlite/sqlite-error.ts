import { closeSync, openSync } from 'node:fs'
import { StoreError } from '../errors.ts'
import { whyUnreadable, whyUnwritable } from './denied.ts'

/** Primary result codes of SQLite that we tell apart. */
const PERM = 3
const BUSY = 5
const LOCKED = 6
const NOMEM = 7
const READONLY = 8
const IOERR = 10
const CORRUPT = 11
const FULL = 13
const CANTOPEN = 14
const NOTADB = 26
const ERROR = 1

const IOERR_SHORT_READ = 522
const IOERR_FSYNC = 1034
const IOERR_DIR_FSYNC = 1290
const IOERR_CORRUPTFS = 8458
const READONLY_DBMOVED = 1032

/** SQLite's extended result code, if the error came from it. */
export function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error)) return undefined
  return typeof error.errcode === 'number' ? error.errcode : undefined
}

/** Whether another connection holds the lock: worth waiting for. */
export function isBusy(error: unknown): boolean {
  const code = sqliteCode(error)
  return code !== undefined && ((code & 0xff) === BUSY || (code & 0xff) === LOCKED)
}

/** Whether a database cannot be read where it is, because this process may make or change no file for it. */
export function isUnshared(error: unknown): boolean {
  const code = sqliteCode(error)
  return code !== undefined && ((code & 0xff) === READONLY || (code & 0xff) === CANTOPEN)
}

/** Whether a failed COMMIT may have reached the disk all the same. */
export function isUnknownOutcome(error: unknown): boolean {
  const code = sqliteCode(error)
  return code === IOERR_FSYNC || code === IOERR_DIR_FSYNC
}

/** What SQLite's failure means to callers of the port; other errors pass unchanged. */
export function asStoreError(error: unknown, path: string): unknown {
  if (error instanceof StoreError) return error
  const code = sqliteCode(error)
  if (code === undefined) return systemError(error, path)
  if (code === IOERR_SHORT_READ || code === IOERR_CORRUPTFS) return damaged(error, path)
  switch (code & 0xff) {
    case BUSY:
    case LOCKED:
      return locked(path, error)
    case FULL:
      return unavailable(error, `The disk is full: ${path} cannot grow. Make room and try again; nothing was written.`)
    case IOERR:
      if (descriptorsAreOut()) return unavailable(error, noDescriptors(path))
      return unavailable(error, `${path} could not be read or written (${text(error)}). Check the disk and its limits.`)
    case READONLY:
    case PERM:
    case CANTOPEN:
      return unavailable(error, whyNotOpened(path, code))
    case NOMEM:
      return unavailable(error, `There is not enough memory to use ${path}.`)
    case CORRUPT:
    case NOTADB:
    case ERROR:
      return damaged(error, path)
    default:
      return error
  }
}

/** Somebody else kept the lock past the deadline. */
export function locked(path: string, cause?: unknown): StoreError {
  const message = `${path} stayed locked by another process. Nothing was written. Find that process with \`fuser ${path}\`. End it or wait for it, then try again.`
  return new StoreError('unavailable', message, { cause })
}

/** A backup, which nobody writes to. */
export function isBackup(path: string): StoreError {
  const message = `${path} is a backup: it can be read, and nothing was written. Put it back with \`holdfast restore\`, then use that.`
  return new StoreError('backup', message)
}

/** A damaged file. */
export function damaged(cause: unknown, path: string, detail = 'database'): StoreError {
  const message = `${path} is damaged (${text(cause)}). Run \`holdfast verify\`, then restore a backup.`
  return new StoreError('corrupt', message, { cause, detail })
}

function whyNotOpened(path: string, code: number): string {
  if (code === READONLY_DBMOVED) {
    return `${path} was removed or replaced while it was open. Nothing was written; open it again.`
  }
  if (descriptorsAreOut()) return noDescriptors(path)
  return (
    whyUnreadable(path) ??
    whyUnwritable(path) ??
    `${path} cannot be opened for writing (SQLite's code ${code}). Check the folder's permissions and its disk.`
  )
}

/** Database, log, index and a side file. SQLite has closed those that it got by the time this is asked. */
const DESCRIPTORS = 4

/** SQLite tells a missing descriptor like a missing permission. */
function descriptorsAreOut(): boolean {
  const opened: number[] = []
  try {
    while (opened.length < DESCRIPTORS) opened.push(openSync('/', 'r'))
    return false
  } catch (error) {
    return error instanceof Error && 'code' in error && (error.code === 'EMFILE' || error.code === 'ENFILE')
  } finally {
    for (const file of opened) closeSync(file)
  }
}

function noDescriptors(path: string): string {
  return `${path} cannot be opened: this process has too few file descriptors left. Raise the limit (\`ulimit -n\`) and try again.`
}

function systemError(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return error
  if (error.code === 'EMFILE' || error.code === 'ENFILE') return unavailable(error, noDescriptors(path))
  const denied = error.code === 'EACCES' || error.code === 'EPERM' ? whyUnreadable(path) : undefined
  if (denied !== undefined) return unavailable(error, denied)
  return unavailable(error, `${path} cannot be used (${text(error)}). Check the path and its permissions.`)
}

function unavailable(cause: unknown, message: string): StoreError {
  return new StoreError('unavailable', message, { cause })
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
