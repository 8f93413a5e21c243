import { constants, existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { StoreError } from '../errors.ts'
import { may, makingBeside, mayWrite, oddityOf, type Making } from './side-file.ts'

/** SQLite's own files beside a database. */
export const LOG_SUFFIXES = ['-wal', '-shm'] as const

/** The same, and the journal that it looks for whenever a database is opened, whichever way that is written. */
export const OPENED_SUFFIXES = [...LOG_SUFFIXES, '-journal'] as const

/**
 * What this process may do with a database, such that nobody else loses anything by it:
 * - `write`: all, and what it makes beside the database its other users can use.
 * - `read`: it leaves no file behind, and reads in place (`index` is readable, and no file can be made) or from a copy.
 */
export type StoreAccess =
  | { readonly kind: 'write'; readonly making: Making | undefined }
  | { readonly kind: 'read'; readonly place: 'in-place' | 'copy' }

/**
 * SQLite opens its log, index and journal itself, and would wait in a pipe, or replay what a stranger put there. It says
 * by itself that a folder is none.
 *
 * @throws StoreError `unavailable` that names the file.
 */
export function refuseOddLogs(path: string): void {
  for (const file of OPENED_SUFFIXES.map(suffix => path + suffix)) {
    const odd = oddityOf(path, file, 'file')
    if (odd === null || odd === 'a folder') continue
    const message = `${file} is ${odd} and not SQLite's own. Nothing was changed; find out who put it there, and remove it.`
    throw new StoreError('unavailable', message)
  }
}

export function accessTo(path: string): StoreAccess {
  const making = makingBeside(path)
  const folderOpen = mayWrite(dirname(path))
  const logs = LOG_SUFFIXES.map(suffix => path + suffix)
  const usable = logs.every(file => (existsSync(file) ? mayWrite(file) : making !== undefined && folderOpen))
  // Log and index may go whenever the last process closes: only in a folder that is closed can none be made instead.
  if (mayWrite(path) && usable) return { kind: 'write', making }
  const inPlace = !folderOpen && logs.every(file => may(file, constants.R_OK))
  return { kind: 'read', place: inPlace ? 'in-place' : 'copy' }
}
