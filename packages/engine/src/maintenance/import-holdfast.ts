import { createHash } from 'node:crypto'
import { ImportedLeaseId } from '@holdfast/core/internal'
import { StoreError, type LogStore } from '@holdfast/store'
import { checkFunction, checkObject, checkStore, checkText } from '../check-given.ts'
import { entryOf, ExportEvent, ExportHeader, ExportTrailer } from './export-format.ts'
import { fileLines, type OnRead } from './file-lines.ts'
import { HistoryWriter } from './history-writer.ts'
import { mustBeEmpty } from './must-be-empty.ts'
import type { OnProgress } from './work-progress.ts'

export interface ImportReport {
  readonly imported: number
  /** Of them: entries that this program cannot read; they are kept as they are. */
  readonly unrecognised: number
  /** Lines that could not be taken. */
  readonly corrupt: number
}

/** An export that was read to its end and is what was exported. */
export interface CheckedExport {
  readonly file: string
  readonly events: number
}

/**
 * Reads an export into a ledger that is not there yet: the same revisions, times, ids and answers. A file is read twice,
 * so that one that is damaged anywhere changes nothing; memory does not grow with its length. Whoever has checked it with
 * `checkExport`, before there even was a store, hands on what that gave. An import that was
 * interrupted has left a part: remove that store, or name another ledger, and begin again.
 *
 * The ledger keeps its id, and the copy and its source do not know of each other: continue only one of them (`move` does).
 *
 * Rejects with a `StoreError`: `invalid` for a ledger that is not empty or a file that is not there, `corrupt` for a file
 * that is not what was exported, `ledger-newer` for one of a newer format.
 */
export async function importHoldfast(
  store: LogStore,
  stream: string,
  from: string | CheckedExport,
  onProgress: OnProgress = () => undefined,
): Promise<ImportReport> {
  checkStore(store)
  checkText(stream, 'stream')
  checkFrom(from)
  checkFunction(onProgress, 'onProgress')
  await mustBeEmpty(store, stream)
  const { file, events: total } = typeof from === 'string' ? await checkExport(from, onProgress) : from
  let writer: HistoryWriter | null = null
  let imported = 0
  let unrecognised = 0
  const tell = (): void => onProgress({ step: 'importing', unit: 'events', done: imported, total })
  for await (const { value } of documents(file)) {
    const parsed = ExportEvent.safeParse(value)
    if (!parsed.success) continue // The header and the trailer; all else was an event when it was checked.
    writer ??= HistoryWriter.from(store, stream, { first: parsed.data, head: 'none' })
    await writer.add(parsed.data)
    imported += 1
    if (entryOf(parsed.data).type === 'UNRECOGNISED') unrecognised += 1
    if (imported % 1000 === 0) tell()
  }
  await writer?.flush()
  tell()
  return { imported, unrecognised, corrupt: 0 }
}

/**
 * Reads all of a file. Rejects with a `StoreError` unless every line is what was exported: `invalid`, `corrupt`,
 * `ledger-newer`, as `importHoldfast` does.
 */
export async function checkExport(file: string, onProgress: OnProgress = () => undefined): Promise<CheckedExport> {
  checkText(file, 'file')
  checkFunction(onProgress, 'onProgress')
  const hash = createHash('sha256')
  let events = 0
  let revision = -1
  let line = 0
  let trailer: ExportTrailer | null = null
  const onRead: OnRead = read => onProgress({ step: 'checking', unit: 'bytes', ...read })
  for await (const { text, value } of documents(file, onRead)) {
    line += 1
    if (trailer !== null) throw badLine(file, line, 'something follows the end')
    if (line === 1) checkHeader(file, value)
    else {
      const end = ExportTrailer.safeParse(value)
      if (end.success) {
        trailer = end.data
        continue
      }
      const event = ExportEvent.safeParse(value)
      if (!event.success) throw badLine(file, line, 'it is no event')
      const fault = leaseIdFault(event.data)
      if (fault !== null) throw badLine(file, line, fault)
      if (event.data.revision <= revision) throw badLine(file, line, 'its revision does not follow the one before')
      revision = event.data.revision
      events += 1
    }
    hash.update(`${text}\n`)
  }
  if (trailer === null) throw badLine(file, line + 1, 'the end is missing: the file was cut off')
  if (trailer.events !== events || trailer.sha256 !== hash.digest('hex')) {
    throw badLine(file, line, 'what stands before it was changed')
  }
  return { file, events }
}

/** A file's name, or what a check of the file has given. */
export function checkFrom(from: string | { readonly file: string }): void {
  if (typeof from === 'string') return
  checkObject(from, 'from')
  checkText(from.file, 'from.file')
}

/** What is wrong with the id of the lease that an event is about, if it is about one. */
function leaseIdFault(event: ExportEvent): string | null {
  const entry = entryOf(event)
  if (entry.type === 'UNRECOGNISED' || !('leaseId' in entry.data) || entry.data.leaseId === undefined) return null
  return ImportedLeaseId.safeParse(entry.data.leaseId).error?.issues[0]?.message ?? null
}

function checkHeader(file: string, value: unknown): void {
  const format: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'format') : undefined
  if (typeof format === 'number' && format > 1) {
    throw new StoreError(
      'ledger-newer',
      `${file} has format ${format}, which this version does not know. Update Holdfast.`,
    )
  }
  if (!ExportHeader.safeParse(value).success) throw badLine(file, 1, 'it is not the header of an export of Holdfast')
}

async function* documents(
  file: string,
  onRead?: OnRead,
): AsyncGenerator<{ readonly text: string; readonly value: unknown }> {
  let line = 0
  for await (const text of fileLines(file, onRead)) {
    line += 1
    yield { text, value: parsed(text) }
  }
  if (line === 0) throw badLine(file, 1, 'the file is empty')
}

/** What is no JSON is no event either; the caller names the line. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function badLine(file: string, line: number, what: string): StoreError {
  const message = `Line ${line} of ${file} is not as it was exported: ${what}. Nothing was imported.`
  return new StoreError('corrupt', message, { detail: 'export' })
}
