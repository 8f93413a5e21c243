import { existsSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { ExportPiece } from '@holdfast/engine/maintenance'
import { historyLength } from '@holdfast/store/internal'
import type { AtLedger } from '@holdfast/server/answers'
import { EXIT } from '../failure/exit-code.ts'
import { UsageError } from '../failure/usage-error.ts'
import type { Progress } from '../print/progress.ts'
import { tone } from '../print/tone.ts'
import { examples, type Define } from '../program/define.ts'
import { openFold } from '../program/open-fold.ts'
import type { Shell } from '../program/shell.ts'
import type { ExportAnswer } from '../schemas/maintenance.ts'

/** `export`: a ledger's whole history as lines of JSON. */
export const exportCommand: Define = (command, shell) => {
  command.argument('[file]', 'file to create (default: standard output)')
  examples(command, 'holdfast export ledger.jsonl', 'holdfast export | zstd > ledger.jsonl.zst')
  shell.does(command, async (file?: string) => {
    const { exportLedger } = await import('@holdfast/engine/maintenance')
    await using ledger = await openFold(shell, { evenMoved: true })
    const { store, stream } = ledger
    const total = await historyLength(store, stream)
    return await writeExport(shell, ledger.at, { pieces: exportLedger(store, stream), total, file })
  })
}

export interface Exporting {
  readonly pieces: AsyncIterable<ExportPiece>
  /** Events that there are to export. */
  readonly total: number
  /** Absent or `-`: standard output, and then no other answer. */
  readonly file?: string | undefined
}

/** Writes an export where it is wanted: into a new file, which appears whole, or to standard output. */
export async function writeExport(shell: Shell, at: AtLedger, { pieces, total, file }: Exporting): Promise<number> {
  const progress = shell.progress()
  if (file === undefined || file === '-') {
    // On a terminal the lines themselves show how far it is.
    const shown = process.stdout.isTTY ? pieces : watched(pieces, progress, total)
    try {
      for await (const { text } of shown) {
        for (const line of text.split('\n').slice(0, -1)) await shell.out.data(line)
        if (shell.out.closed.aborted) break
      }
    } finally {
      progress.end()
    }
    return EXIT.done
  }
  const signal = shell.interruption.signal()
  const events = await writeFile(watched(pieces, progress, total), { file, signal }).finally(() => progress.end())
  const answer: ExportAnswer = { ...at, file, events }
  await shell.answer(answer, ({ events }) => [`${tone.good('exported')}  ${events} events to ${file}`])
  return EXIT.done
}

async function writeFile(
  pieces: AsyncIterable<ExportPiece>,
  { file, signal }: { readonly file: string; readonly signal: AbortSignal },
): Promise<number> {
  if (existsSync(file)) throw new UsageError(`${file} already exists; nothing was changed. Name another file.`)
  const { whereItLeads } = await import('@holdfast/engine/maintenance')
  const place = await whereItLeads(resolve(file))
  const draft = `${place}.${process.pid}.new`
  try {
    const events = await writeDraft(pieces, draft, signal)
    await rename(draft, place)
    return events
  } catch (error) {
    await rm(draft, { force: true })
    if (error instanceof Error && 'syscall' in error) {
      throw new UsageError(`${file} cannot be written: ${error.message}.`, { cause: error })
    }
    throw error
  }
}

/** Each write is waited for, so that what the file system refuses is found where it happens. */
async function writeDraft(pieces: AsyncIterable<ExportPiece>, draft: string, signal: AbortSignal): Promise<number> {
  await using out = await open(draft, 'wx')
  let written = 0
  for await (const { text, events } of pieces) {
    // Whoever interrupts it wants no half of a file either.
    signal.throwIfAborted()
    await out.writeFile(text)
    written = events
  }
  await out.sync()
  return written
}

async function* watched(pieces: AsyncIterable<ExportPiece>, progress: Progress, total: number) {
  for await (const piece of pieces) {
    progress.show('exporting', { unit: 'events', done: piece.events, total })
    yield piece
  }
}
