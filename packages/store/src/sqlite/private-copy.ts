import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StoreError } from '../errors.ts'
import { asStoreError } from './sqlite-error.ts'

/** Copies that are begun before one is given up: each was overtaken by a writer who began the log anew. */
const TRIES_MAX = 50

/** Two writes within so many milliseconds can leave a file with the same times. */
const TIME_STEP_MS = 20

const LOG_HEADER_BYTES = 32
const NAP_CELL = new Int32Array(new SharedArrayBuffer(4))

/** Where the copy is, and the state of the two files that it was made from. */
export interface PrivateCopy {
  readonly file: string
  readonly state: string
  remove(): void
}

/** What tells one state of the two files from another. */
interface Look {
  /** Of the database: file, length and last change. */
  readonly database: string
  readonly changedAtMs: number
  /** Of the log: the same. */
  readonly log: string
  /** The log's first bytes, which name its generation; `null` where there is no log, or an empty one. */
  readonly generation: string | null
}

/**
 * A copy of a database and its log as of one instant, for who may read them and write nothing. It holds everything that
 * was acknowledged before it was begun.
 *
 * The database is copied first and then the log. Pages move from the log into the database only while the log keeps its
 * generation, and all of them are still in it then. So where the log is of one generation before and after, it gives the
 * copy its latest commit, whatever pages have moved meanwhile. Where there is no log before and after, the copy is whole
 * if the database did not change. Everything else is tried again.
 */
export function copyForReading(path: string, copy = copyFile): PrivateCopy {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-read-'))
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  const file = join(folder, 'ledger.db')
  try {
    for (let tries = 0; tries < TRIES_MAX; tries += 1) {
      const before = look(path)
      if (before.generation === null && Math.abs(Date.now() - before.changedAtMs) < TIME_STEP_MS) {
        Atomics.wait(NAP_CELL, 0, 0, TIME_STEP_MS)
        continue
      }
      rmSync(`${file}-wal`, { force: true })
      copy(path, file)
      if (before.generation !== null) copy(`${path}-wal`, `${file}-wal`)
      if (isWhole(before, look(path))) return { file, state: stateOf(before), remove }
    }
  } catch (error) {
    remove()
    // The last process has closed and taken the log with it, or a file cannot be read.
    throw asStoreError(error, path)
  }
  remove()
  const message = `${path} changed again and again while it was copied to be read. Try again.`
  throw new StoreError('unavailable', message)
}

/** Changes whenever something was committed. */
export function stateNow(path: string): string {
  return stateOf(look(path))
}

function stateOf({ database, log, generation }: Look): string {
  return `${database}\n${log}\n${generation ?? ''}`
}

function isWhole(before: Look, after: Look): boolean {
  if (before.generation !== after.generation) return false
  return before.generation !== null || before.database === after.database
}

function look(path: string): Look {
  const generation = generationOf(`${path}-wal`)
  const log = identify(`${path}-wal`)
  const { text, changedAtMs } = identify(path)
  return { database: text, changedAtMs, log: log.text, generation }
}

function identify(path: string): { readonly text: string; readonly changedAtMs: number } {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false })
  if (found === undefined) return { text: '', changedAtMs: 0 }
  const { ino, size, mtimeNs, ctimeNs, ctimeMs } = found
  return { text: `${ino} ${size} ${mtimeNs} ${ctimeNs}`, changedAtMs: Number(ctimeMs) }
}

function generationOf(path: string): string | null {
  let file: number
  try {
    // A pipe can have taken its place since the store was opened.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
  try {
    const header = Buffer.alloc(LOG_HEADER_BYTES)
    if (readSync(file, header, 0, LOG_HEADER_BYTES, 0) < LOG_HEADER_BYTES) return null
    // A log of the same numbers can be another file.
    return `${statSync(path, { throwIfNoEntry: false })?.ino} ${header.toString('hex')}`
  } finally {
    closeSync(file)
  }
}

function copyFile(from: string, to: string): void {
  try {
    copyFileSync(from, to, constants.COPYFILE_FICLONE)
    // It came with the mode of the other file.
    chmodSync(to, 0o600)
  } catch (error) {
    // The log goes when the last process closes; the next look sees it.
    if (!isMissing(error)) throw error
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
