import { closeSync, existsSync, fstatSync, readSync, renameSync, statSync, writeSync } from 'node:fs'
import { openBeside, openThere } from '@holdfast/store/internal'

/** Size at which the log of trespasses is put aside as `.1`; so it takes twice this at most. */
const LOG_BYTES_MAX = 1024 * 1024

/** Bytes at the end of the log that are read for news: it is read at each step of an agent. */
const READ_BYTES_MAX = 64 * 1024

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

/** The newest trespasses since an instant that a holder has to hear of, the oldest first: in its regions, and its own. */
export function trespassesAbout(database: string, holder: string, sinceAt: string): readonly RecordedTrespass[] {
  return newestText(database)
    .split('\n')
    .flatMap(line => recorded(line) ?? [])
    .filter(({ holder: owner, by, at }) => (owner === holder || by === holder) && at > sinceAt)
}

/** A line that is cut at the beginning reads as none. */
function newestText(database: string): string {
  const file = logOf(database)
  if (!existsSync(file)) return ''
  const log = openThere(database, file, 'read')
  try {
    const { size } = fstatSync(log)
    const bytes = Buffer.alloc(Math.min(size, READ_BYTES_MAX))
    return bytes.toString('utf8', 0, readSync(log, bytes, 0, bytes.length, size - bytes.length))
  } finally {
    closeSync(log)
  }
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
  if (typeof read !== 'object' || read === null) return false
  const { at, by, root, path, change, lane, holder, putBack }: Partial<Record<string, unknown>> = read
  const areTexts = [at, root, path, lane, holder].every(text => typeof text === 'string')
  const mayBeNone = [by, putBack].every(text => text === null || typeof text === 'string')
  return areTexts && mayBeNone && (change === 'made' || change === 'changed' || change === 'removed')
}
