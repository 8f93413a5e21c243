import { Revision, type LogEntry } from '@holdfast/core'
import { noSuchLedger } from '@holdfast/engine/which-ledger'
import type { HistoryPoint } from '@holdfast/projections'
import { followHistory, type LogStore } from '@holdfast/store'
import { GoesOn } from '@holdfast/store/internal'
import { eventLine } from '@holdfast/server/text'
import { type LogFilter, logLine, passes, readLog } from '@holdfast/server/answers'
import { EXIT } from '../failure/exit-code.ts'
import { collect, wholeCount } from '../input/flag-values.ts'
import { demandPast } from '../input/history-point.ts'
import { checkHistoryOf } from '../program/check-meant.ts'
import { askedPoint } from '../program/asked-point.ts'
import { examples, type Define } from '../program/define.ts'
import type { Shell } from '../program/shell.ts'
import { readTypes } from './log-filter.ts'

interface LogFlags {
  readonly follow?: boolean
  readonly n?: string
  readonly type?: readonly string[]
  readonly lane?: string
  readonly since?: string
}

/** `log`: what was recorded, oldest first, one entry a line. */
export const log: Define = (command, shell) => {
  command
    .option('--follow', 'keep showing new events until interrupted')
    .option('-n <count>', 'show only the newest events, at most so many')
    .option('--type <type>', 'show only events of this type; repeat for more', collect)
    .option('--lane <lane>', 'show only events of this lane')
    .option(
      '--since <point>',
      'show only events from here on: r<revision>, a time such as 2026-05-01T14:03:00Z or 14:03, or "2h ago"',
    )
  examples(
    command,
    "holdfast log --since '2h ago' --type REFUSE",
    'holdfast log --follow --type ACQUIRE --type REFUSE --json',
  )
  shell.does(command, async ({ follow, n, type, lane, since }: LogFlags) => {
    const types = readTypes(type)
    const from = since === undefined ? null : await askedPoint(shell, since, 'since')
    const last = n === undefined ? null : wholeCount(n, 'n')
    const stream = shell.globals.ledger
    await using store = await shell.openStore('never')
    const head = await store.head(stream)
    if (head === 'none') throw noSuchLedger(store.url, stream)
    shell.endWith(await checkHistoryOf(store, stream))
    if (from !== null) demandPast(from, 'since', { head, nowMs: await store.now(stream) })
    const filter: LogFilter = { types, lane: lane ?? null, ...beginning(from) }
    for await (const entry of readLog(store, stream, { filter, last })) {
      if (entry.revision > head || shell.out.closed.aborted) break
      await show(shell, entry)
    }
    // Nothing follows where a ledger continues elsewhere.
    if (follow === true && shell.ending === null) await goOn(shell, store, { filter, after: head })
    return EXIT.done
  })
}

function beginning(from: HistoryPoint | null): Pick<LogFilter, 'sinceMs' | 'fromRevision'> {
  if (from === null) return { sinceMs: null }
  return 'atMs' in from ? { sinceMs: from.atMs } : { sinceMs: null, fromRevision: Revision.parse(from.revision) }
}

async function goOn(
  shell: Shell,
  store: LogStore,
  { filter, after }: { readonly filter: LogFilter; readonly after: Revision },
): Promise<void> {
  const signal = AbortSignal.any([shell.interruption.signal(), shell.out.closed])
  const unwatch = shell.out.watchReader()
  await shell.out.flush()
  const goesOn = new GoesOn(store.url)
  for await (const item of followHistory(store, shell.globals.ledger, after, { signal })) {
    if (item.kind === 'truncated') shell.out.remark(`r${item.from} to r${item.to} were dropped from the archive.`)
    if (item.kind === 'entries') {
      for (const entry of item.entries) if (passes(filter, entry)) await show(shell, entry)
      await shell.out.flush()
    }
    shell.endWith(goesOn.elsewhere(item))
    if (shell.ending !== null) break
  }
  unwatch()
}

function show(shell: Shell, entry: LogEntry): Promise<void> | void {
  return shell.json ? shell.out.json(logLine(entry)) : shell.out.line(eventLine(entry))
}
