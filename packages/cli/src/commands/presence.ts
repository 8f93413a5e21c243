import { basename } from 'node:path'
import { PresenceScanner, type CleanupReport, type PresenceEntry } from '@holdfast/engine'
import { instantOf } from '@holdfast/projections'
import { EXIT } from '../failure/exit-code.ts'
import { plain } from '../print/plain.ts'
import { table } from '../print/table.ts'
import { terminalColumns } from '../print/text-stream.ts'
import { span } from '../print/times.ts'
import { tone } from '../print/tone.ts'
import { examples, type Define } from '../program/define.ts'
import type { PresenceAnswer, PresenceFile } from '../schemas/presence.ts'

interface PresenceFlags {
  readonly cleanup?: boolean
  readonly stale?: string
}

/** `presence`: who beats in a folder of heartbeat files, and with `--cleanup` away with what nobody is behind. */
export const presence: Define = (command, shell) => {
  command
    .argument('<dir>', 'folder to read; a missing folder counts as empty')
    .option('--cleanup', 'remove stale and orphaned files; a file that is refreshed meanwhile stays')
    .option('--stale <span>', 'age from which a file is stale (default 90s)')
  examples(command, 'holdfast presence run/', 'holdfast presence run/ --cleanup --stale 5m --json')
  shell.does(command, async (directory: string, flags: PresenceFlags) => {
    const scanner = new PresenceScanner(directory, { stale: flags.stale })
    const { atMs, entries, freshCount, skipped } = await scanner.scan()
    const cleanup = flags.cleanup === true ? cleanupOf(await scanner.cleanup()) : null
    const answer: PresenceAnswer = {
      directory,
      at: instantOf(atMs),
      active: freshCount > 0,
      freshCount,
      files: entries.map(fileOf),
      skipped: [...skipped],
      cleanup,
    }
    await shell.answer(answer, lines)
    return cleanup !== null && cleanup.failed.length > 0 ? EXIT.unexpected : EXIT.done
  })
}

function fileOf(entry: PresenceEntry): PresenceFile {
  const { path, lastRefreshMs, startedAtMs, pid, uuid, verdict, basis, reason, process, ageMs } = entry
  const { version, format, torn } = entry
  const startedAt = startedAtMs === null ? null : instantOf(startedAtMs)
  const judged = { pid, uuid, verdict, basis, reason, process, ageMs }
  return { file: path, ...judged, lastRefreshAt: instantOf(lastRefreshMs), startedAt, version, format, torn }
}

function cleanupOf({ removed, alreadyGone, refreshed, swept, failed }: CleanupReport): PresenceAnswer['cleanup'] {
  const told = failed.map(({ path, cause }) => ({
    path,
    reason: cause instanceof Error ? cause.message : String(cause),
  }))
  const done = { removed: [...removed], alreadyGone: [...alreadyGone], refreshed: [...refreshed], swept: [...swept] }
  return { ...done, failed: told }
}

const TONES = { FRESH: tone.good, STALE: tone.warn, ORPHAN: tone.bad } as const

const FIT = { shorten: [0], leaveOut: [3, 2, 5] } as const

function lines({ files, skipped, cleanup, freshCount }: PresenceAnswer): readonly string[] {
  const headings = ['FILE', 'VERDICT', 'PID', 'PROCESS', 'AGE', 'REASON'].map(tone.faint)
  const rows = files.map(({ file, verdict, pid, process, ageMs, reason }) => {
    const age = ageMs < 0 ? `in ${span(-ageMs)}` : span(ageMs)
    return [plain(basename(file)), TONES[verdict](verdict), String(pid), process, age, plain(reason)]
  })
  return [
    ...(rows.length === 0 ? ['Nobody.'] : table([headings, ...rows], { columns: terminalColumns(), ...FIT })),
    ...skipped.map(({ name, reason }) => `${tone.warn('skipped')}  ${plain(name)}  ${plain(reason)}`),
    ...(rows.length === 0 ? [] : [`${freshCount} fresh.`]),
    ...(cleanup === null ? [] : cleanupLines(cleanup)),
  ]
}

function cleanupLines({
  removed,
  refreshed,
  swept,
  failed,
}: NonNullable<PresenceAnswer['cleanup']>): readonly string[] {
  const counts = [
    `${removed.length} removed`,
    `${refreshed.length} refreshed meanwhile`,
    `${swept.length} leftovers swept`,
  ]
  return [
    `Cleanup: ${counts.join(', ')}.`,
    ...failed.map(({ path, reason }) => `${tone.bad('failed')}  ${plain(path)}  ${plain(reason)}`),
  ]
}
