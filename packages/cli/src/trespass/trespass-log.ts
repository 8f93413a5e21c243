import { closeSync, existsSync, readFileSync, renameSync, statSync, writeSync } from 'node:fs'
import { openBeside } from '@holdfast/store/internal'

/** Size at which the log of trespasses is put aside as `.1`; so it takes twice this at most. */
const LOG_BYTES_MAX = 1024 * 1024

/** One file of somebody else's that was changed while a tool call ran. */
export interface RecordedTrespass {
  readonly at: string
  /** Who ran the call. */
  readonly by: string | null
  readonly root: string
  readonly path: string
  readonly change: 'made' | 'changed' | 'removed'
  readonly lane: string
  /** Whose region it is. */
  readonly holder: string
  readonly putBack: string | null
}

/** Records trespasses as lines of JSON beside the store. Answers the file. */
export function recordTrespasses(database: string, trespasses: readonly RecordedTrespass[]): string {
  const file = logOf(database)
  if (existsSync(file) && statSync(file).size >= LOG_BYTES_MAX) renameSync(file, `${file}.1`)
  const log = openBeside(database, file, 'append')
  try {
    writeSync(log, trespasses.map(trespass => `${JSON.stringify(trespass)}\n`).join(''))
  } finally {
    closeSync(log)
  }
  return file
}

/** What was changed in the regions of a holder since an instant, the oldest first: what an owner is to be told. */
export function trespassesOn(database: string, holder: string, sinceAt: string): readonly RecordedTrespass[] {
  const file = logOf(database)
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap(line => recorded(line) ?? [])
    .filter(trespass => trespass.holder === holder && trespass.at > sinceAt)
}

function logOf(database: string): string {
  return `${database}.trespass.log`
}

function recorded(line: string): RecordedTrespass | null {
  try {
    const read: unknown = JSON.parse(line)
    return isRecorded(read) ? read : null
  } catch {
    // The last line of a process that was killed may be torn.
    return null
  }
}

function isRecorded(read: unknown): read is RecordedTrespass {
  if (typeof read !== 'object' || read === null || !('at' in read) || !('holder' in read) || !('path' in read))
    return false
  return typeof read.at === 'string' && typeof read.holder === 'string' && typeof read.path === 'string'
}
