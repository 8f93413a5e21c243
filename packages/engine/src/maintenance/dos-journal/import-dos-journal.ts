import { DEFAULT_CONFIGURATION, type Configuration, type LedgerId } from '@holdfast/core'
import { StoreError, type LogStore } from '@holdfast/store'
import { checkFunction, checkOptions, checkStore, checkText } from '../../check-given.ts'
import { fileLines, type OnRead } from '../file-lines.ts'
import { checkFrom, type ImportReport } from '../import-holdfast.ts'
import { mustBeEmpty } from '../must-be-empty.ts'
import type { OnProgress } from '../work-progress.ts'
import { journalDeltas, type JournalDelta, type JournalSpan } from './journal-deltas.ts'
import { readJournalLine } from './journal-line.ts'
import { JournalWriter, type JournalFault } from './journal-writer.ts'

export interface JournalImportReport extends ImportReport {
  readonly ledgerId: LedgerId
  /** The first corrupt lines, and what is wrong with each. */
  readonly faults: readonly JournalFault[]
  readonly deltas: readonly JournalDelta[]
  /** How far the journal's newest time lies ahead of this store's clock. Leases last that much longer; 0 is usual. */
  readonly aheadMs: number
}

/** A journal that was read to its end. */
export interface CheckedJournal {
  readonly file: string
  /** That are not blank. */
  readonly lines: number
  /** `null`: no line says when it was written. */
  readonly firstMs: number | null
}

export interface JournalImportOptions {
  readonly onProgress?: OnProgress | undefined
  /** Configuration of the new ledger; default `DEFAULT_CONFIGURATION`. */
  readonly config?: Configuration | undefined
  /** From when on work counts, and when it is looked at; default the journal's first time, and the log clock, which goes on from its newest. */
  readonly span?: Partial<JournalSpan> | undefined
}

/**
 * Makes a new ledger out of a lane-lease journal (JSON lines; docs/import-dos-journal.md): each line an event with its
 * `origin`, at its own time, folded in file order. What it grants was never decided here, so leases in it may conflict;
 * `verify` reports that as a finding. An operation that is not known is kept as an unrecognised entry. A line that cannot
 * be taken is counted and named, and is not in the ledger. The file is read twice; memory grows with the live set alone.
 * Whoever has read it with `checkJournal`, before there even was a store, hands on what that gave.
 *
 * Rejects with a `StoreError`: `invalid` for a ledger that is not empty or a file that cannot be read, `corrupt` for one
 * in which no line is an entry of a journal. An import that was interrupted has left a part: begin again in a new ledger.
 */
export async function importDosJournal(
  store: LogStore,
  stream: string,
  from: string | CheckedJournal,
  options: JournalImportOptions = {},
): Promise<JournalImportReport> {
  checkStore(store)
  checkText(stream, 'stream')
  checkFrom(from)
  checkOptions(options, { onProgress: 'function', config: 'object', span: 'object' })
  const { onProgress = () => undefined, config = DEFAULT_CONFIGURATION, span = {} } = options
  await mustBeEmpty(store, stream)
  const { file, lines, firstMs } = typeof from === 'string' ? await checkJournal(from, onProgress) : from
  const startedMs = await store.now(stream)
  const journal = await JournalWriter.begin(store, stream, { config, atMs: firstMs ?? startedMs })
  let done = 0
  const tell = (): void => onProgress({ step: 'importing', unit: 'lines', done, total: lines })
  for await (const { line, text } of numbered(file)) {
    await journal.add(line, readJournalLine(text))
    done += 1
    if (done % 1000 === 0) tell()
  }
  await journal.flush()
  tell()
  const nowMs = await store.now(stream)
  const deltas = await journalDeltas(store, stream, { startMs: firstMs ?? nowMs, nowMs, ...span, onProgress })
  return { ...journal.report, deltas, aheadMs: Math.max(0, journal.clockMs - startedMs) }
}

/**
 * Reads a whole file: how long it is, when it begins, and whether it is a journal at all. Rejects as `importDosJournal`
 * does for one that is none.
 */
export async function checkJournal(file: string, onProgress: OnProgress = () => undefined): Promise<CheckedJournal> {
  checkText(file, 'file')
  checkFunction(onProgress, 'onProgress')
  const onRead: OnRead = read => onProgress({ step: 'checking', unit: 'bytes', ...read })
  let lines = 0
  let readable = 0
  let firstMs: number | null = null
  for await (const { text } of numbered(file, onRead)) {
    const read = readJournalLine(text)
    lines += 1
    if (!read.ok) continue
    readable += 1
    firstMs ??= read.atMs
  }
  if (lines > 0 && readable === 0) {
    const message = `None of the ${lines} lines of ${file} is an entry of a journal. Nothing was imported.`
    throw new StoreError('corrupt', message, { detail: 'journal' })
  }
  return { file, lines, firstMs }
}

/** The lines that are not blank, with their numbers in the file. */
async function* numbered(
  file: string,
  onRead?: OnRead,
): AsyncGenerator<{ readonly line: number; readonly text: string }> {
  let line = 0
  for await (const text of fileLines(file, onRead)) {
    line += 1
    if (text.trim() !== '') yield { line, text }
  }
}
