import { existsSync, lstatSync, readdirSync, readSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { StoreError } from '../errors.ts'
import { readKeepingLocks } from './held-locks.ts'
import { APPLICATION_ID, BACKUP_APPLICATION_ID, SCHEMA_FORMAT } from './schema.ts'
import { asStoreError } from './sqlite-error.ts'
import { witnessIsPresent } from './witness.ts'

const HEADER_BYTES = 100
const MAGIC = 'SQLite format 3\0'
const USER_VERSION_AT = 60
const APPLICATION_ID_AT = 68

/** `ours`: may be opened; `backup`: may be read; `absent`: may be made. Everything else throws, and the file is untouched. */
export type HeaderFinding = 'ours' | 'backup' | 'absent'

/**
 * Reads the file's first bytes without SQLite, which would write to a foreign database (a journal mode, a log beside
 * it) just by opening it.
 */
export function checkHeader(path: string): HeaderFinding {
  const header = readHeader(path)
  if (header === undefined) return absent(path)
  if (header.length < HEADER_BYTES || header.toString('latin1', 0, MAGIC.length) !== MAGIC)
    throw notSqlite(path, header)
  const applicationId = header.readUInt32BE(APPLICATION_ID_AT)
  if (applicationId !== APPLICATION_ID && applicationId !== BACKUP_APPLICATION_ID) {
    if (witnessIsPresent(path)) throw headerDamaged(path)
    throw new StoreError(
      'foreign',
      `${path} is a database of another application. Nothing was changed; name another file.`,
    )
  }
  checkFormat(path, header.readUInt32BE(USER_VERSION_AT))
  return applicationId === APPLICATION_ID ? 'ours' : 'backup'
}

/** Throws `ledger-newer` for a schema that this code does not know. */
export function checkFormat(path: string, format: number): void {
  if (format > SCHEMA_FORMAT) {
    const message = `${path} was written by a newer Holdfast (schema ${format}, this one knows ${SCHEMA_FORMAT}). Nothing was changed; update Holdfast.`
    throw new StoreError('ledger-newer', message)
  }
  if (format < 1) throw headerDamaged(path)
}

function readHeader(path: string): Buffer | undefined {
  try {
    // Throws for a path through a file (ENOTDIR) too: no store can be made there.
    const found = statSync(path)
    // Pipes, sockets and devices: to open one can wait for ever.
    if (!found.isFile() && !found.isDirectory()) throw special(path)
    if (found.isFile() && found.nlink > 1) refuseOtherNames(path)
    return readKeepingLocks(path, found, file => {
      const header = Buffer.alloc(HEADER_BYTES)
      return header.subarray(0, readSync(file, header, 0, HEADER_BYTES, 0))
    })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw asStoreError(error, path)
  }
}

/**
 * By another name of the file somebody would have another log and another witness beside it, and see nothing of what is
 * written here. What a process left that was killed while it made the file is no such name.
 */
function refuseOtherNames(path: string): void {
  const { ino } = statSync(path)
  const drafts = readdirSync(dirname(path)).filter(
    name => name.startsWith(`${basename(path)}.`) && name.endsWith('.new'),
  )
  for (const draft of drafts.map(name => join(dirname(path), name))) {
    if (lstatSync(draft, { throwIfNoEntry: false })?.ino === ino) rmSync(draft, { force: true })
  }
  if (statSync(path).nlink === 1) return
  const message = `${path} has another name (a hard link; some backup programs make them). A program that uses the other name would not see what is written here, so nothing was done. Remove the other name. Or, while nobody uses the store, replace one name by a copy: cp FILE COPY && mv COPY FILE.`
  throw new StoreError('unavailable', message)
}

function special(path: string): StoreError {
  return new StoreError('foreign', `${path} is a pipe or a device. Nothing was changed; name another file.`)
}

/** A log or witness without its database: SQLite would replay the log into a new file, or history is simply gone. */
function absent(path: string): 'absent' {
  if (!existsSync(`${path}-wal`) && !witnessIsPresent(path)) return 'absent'
  const message = `${path} is gone, but files that belong to it are there. Restore it; to begin anew, remove ${path}-wal, ${path}-shm and ${path}.head too.`
  throw new StoreError('corrupt', message, { detail: 'rolled-back' })
}

function notSqlite(path: string, header: Buffer): StoreError {
  if (witnessIsPresent(path)) return headerDamaged(path)
  const what = header.length === 0 ? 'is an empty file' : 'is no SQLite database'
  return new StoreError('foreign', `${path} ${what}. Nothing was changed; name another file, or remove this one.`)
}

function headerDamaged(path: string): StoreError {
  return new StoreError('corrupt', `The first bytes of ${path} are damaged. Restore a backup.`, { detail: 'header' })
}
