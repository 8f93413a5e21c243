import type { EpochMs } from '@holdfast/core'
import { instantOf } from '@holdfast/projections'
import type { ArchiveSummary, HistorySpan } from '@holdfast/store'
import type { Command } from 'commander'
import { EXIT } from '../failure/exit-code.ts'
import { required } from '../input/flag-values.ts'
import { readInstant } from '../input/read-time.ts'
import { table } from '../print/table.ts'
import { clock } from '../print/times.ts'
import { examples, type Define } from '../program/define.ts'
import { openFold, type OpenFold } from '../program/open-fold.ts'
import type { Shell } from '../program/shell.ts'
import type { ArchiveAnswer, HistorySpanJson } from '../schemas/maintenance.ts'
import { writeExport } from './export.ts'

interface DropFlags {
  readonly before?: string
}

/** `archive`, `archive export` and `archive drop`: what compaction took out of the log. */
export const archive: Define = (command, shell) => {
  examples(
    command,
    'holdfast archive',
    'holdfast archive export old.jsonl',
    'holdfast archive drop --before 2026-01-01',
  )
  shell.does(command, async () => {
    await using ledger = await openFold(shell, { evenMoved: true })
    return await tell(shell, ledger, await ledger.store.archive(ledger.stream))
  })
  defineExport(command.command('export').description('Write the archived events, one on each line.'), shell)
  defineDrop(command.command('drop').description('Delete archived events permanently.'), shell)
}

function defineExport(command: Command, shell: Shell): void {
  command.argument('[file]', 'file to create (default: standard output)')
  examples(command, 'holdfast archive export > old.jsonl')
  shell.does(command, async (file?: string) => {
    const { exportArchive } = await import('@holdfast/engine/maintenance')
    await using ledger = await openFold(shell, { evenMoved: true })
    const { store, stream } = ledger
    const total = (await store.archive(stream)).held?.events ?? 0
    return await writeExport(shell, ledger.at, { pieces: exportArchive(store, stream), total, file })
  })
}

function defineDrop(command: Command, shell: Shell): void {
  command.option('--before <time>', 'delete archived events older than this, up to a CHECKPOINT')
  examples(command, 'holdfast archive drop --before 2026-01-01T00:00:00Z --json')
  shell.does(command, async ({ before }: DropFlags) => {
    const atMs = readInstant(required(before, 'before', '--before TIME'), 'before')
    await using ledger = await openFold(shell)
    const { store, stream } = ledger
    const known = (await store.archive(stream)).dropped?.to
    const summary = await store.dropArchive(stream, atMs as EpochMs)
    const isDropped = summary.dropped !== null && summary.dropped.to !== known
    return await tell(shell, ledger, summary, isDropped ? [] : [nothingDropped(atMs, summary)])
  })
}

function nothingDropped(atMs: number, { held }: ArchiveSummary): string {
  if (held === null) return 'nothing was dropped: the archive is empty; `holdfast compact` fills it'
  return `nothing was dropped: no piece of the archive that ends before a CHECKPOINT is older than ${clock(atMs)}`
}

async function tell(
  shell: Shell,
  { at }: OpenFold,
  { held, dropped, bytes }: ArchiveSummary,
  remarks: readonly string[] = [],
): Promise<number> {
  const answer: ArchiveAnswer = {
    ...at,
    held: held === null ? null : spanJson(held),
    dropped: dropped === null ? null : spanJson(dropped),
    bytes,
    unanswerable: dropped === null ? [] : unanswerable(dropped),
  }
  await shell.answer(answer, told => [...lines(told), ...remarks])
  return EXIT.done
}

function unanswerable({ from, to }: HistorySpan): string[] {
  return [
    `log, history and why for r${from} to r${to}`,
    `leases --at and diff for any revision or time before r${to + 1}`,
    `who held what, and whether it was granted rightly, before r${to + 1} (verify begins there)`,
  ]
}

function lines({ held, dropped, bytes, unanswerable: lost }: ArchiveAnswer): readonly string[] {
  const rows = [['archive', held === null ? 'empty' : `${spanText(held)}; ${bytes} bytes`]]
  if (dropped !== null) rows.push(['dropped', spanText(dropped)])
  return [...table(rows), ...lost.map(question => `no longer answered: ${question}`)]
}

function spanText({ from, to, events, oldest, newest }: HistorySpanJson): string {
  return `r${from} to r${to}, ${events} events of ${clock(Date.parse(oldest))} to ${clock(Date.parse(newest))}`
}

function spanJson({ from, to, events, oldestRecordedAt, newestRecordedAt }: HistorySpan): HistorySpanJson {
  return { from, to, events, oldest: instantOf(oldestRecordedAt), newest: instantOf(newestRecordedAt) }
}
