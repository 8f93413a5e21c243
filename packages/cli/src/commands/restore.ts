import { LedgerId } from '@holdfast/core'
import { recordRoot, recordRootOf } from '@holdfast/engine/which-ledger'
import { instantOf } from '@holdfast/projections'
import { EXIT } from '../failure/exit-code.ts'
import { UsageError } from '../failure/usage-error.ts'
import { workingFolder } from '../input/environment.ts'
import { rootAsked } from '../input/root-asked.ts'
import { clock, span } from '../print/times.ts'
import { tone } from '../print/tone.ts'
import { examples, type Define } from '../program/define.ts'
import { serverThere } from '../program/server-there.ts'
import type { RestoreAnswer } from '../schemas/maintenance.ts'

const SCHEME = 'sqlite:'

interface RestoreFlags {
  readonly force?: boolean
  readonly moveAside?: boolean
  readonly root?: string
}

/** `restore`: puts a backup back, so that it can be written again. */
export const restore: Define = (command, shell) => {
  command
    .argument('<file>', 'file from `backup`')
    .option(
      '--force',
      'allow new leases at once; risks two holders of one region, because a lease granted after the backup may still be in use',
    )
    .option('--move-aside', 'rename a store that already exists, and put the backup in its place')
  command.option(
    '--root <dir>',
    'folder that regions are relative to from now on; each: the top of the work tree that a command runs in',
  )
  command.description(
    'Continue from a backup. A restored ledger grants nothing until every lease that its lost history may have granted is over: one day and 30 seconds by default.',
  )
  examples(
    command,
    'holdfast restore ledger-2026-05-01.db --move-aside',
    'holdfast restore ledger-2026-05-01.db --store sqlite:.holdfast/ledger.db',
  )
  shell.does(command, async (file: string, { force, moveAside, root }: RestoreFlags) => {
    const { url } = shell.which
    const path = url.slice(SCHEME.length)
    if (!url.startsWith(SCHEME))
      throw new UsageError('A backup can be restored to a SQLite store only; give --store sqlite:PATH.')
    const { restoreBackup } = await import('@holdfast/engine/maintenance')
    let movedAside: string | undefined
    const onMovedAside = (place: string): void => void (movedAside = place)
    const signal = shell.interruption.signal()
    const record = root === undefined ? undefined : rootAsked(url, root)
    const onMaking = (place: string): void => {
      if (record === undefined) recordRootOf(place, { folder: workingFolder() })
      else recordRoot(place, record, { replace: true })
    }
    const options = { force, moveAside, onMovedAside, onMaking, reason: shell.reason, signal }
    const served = await serverThere(url)
    const restored = await restoreBackup(file, path, options)
    shell.warnIfSeenByGit(url)
    const ledgers = restored.map(({ ledgerId, drainsUntil, believedUntil, ...rest }) => ({
      ...rest,
      ledgerId: LedgerId.parse(ledgerId),
      drainsUntil: drainsUntil === null ? null : instantOf(drainsUntil),
      believedUntil: instantOf(believedUntil),
    }))
    const answer: RestoreAnswer = { url, root: shell.whichNow().root, ledgers, movedAside, ...served }
    await shell.answer(answer, lines)
    return EXIT.done
  })
}

function lines({ ledgers, url, root, movedAside, server = null }: RestoreAnswer): readonly string[] {
  const moved = movedAside === undefined ? [] : [`${tone.warn('moved')}     what was there is at ${movedAside} now`]
  const restored = ledgers.flatMap(({ ledger, head, drainsUntil, believedUntil, bound, spanMs }) => {
    const until = clock(Date.parse(believedUntil))
    const when = drainsUntil === null ? 'grants at once (forced)' : `grants nothing before ${until}`
    return [
      `${tone.good('restored')}  ${ledger} at ${url} goes on at r${head}; ${when}`,
      ...(drainsUntil === null
        ? [`  Risk: until ${until} a holder of the lost history may go on writing beside whoever is granted its place.`]
        : [
            `  Why ${span(spanMs)}: a lease that was granted or renewed after the backup may be believed in for so long.`,
            ...(bound === 'fixed'
              ? [
                  `  Its leaseSpanBoundMs and graceMs bound that. A ledger that is made with a lower ttlCeilingMs and activityCapMs drains for less.`,
                ]
              : []),
            `  --force skips it. Use it only when every process that held a lease of this ledger has ended.`,
          ]),
      ...(bound === 'fixed'
        ? []
        : [
            `  This ledger records no leaseSpanBoundMs: a ceiling that was raised after the backup is not allowed for.`,
            `  holdfast config set records the bound from now on.`,
          ]),
    ]
  })
  const servers =
    server === null
      ? []
      : [
          `${tone.warn('server')}    process ${server.pid} served the store that was here. It grants nothing more and ends. Start \`holdfast serve\` again.`,
        ]
  return [...moved, ...restored, ...servers, `  Regions are relative to ${root}.`]
}
