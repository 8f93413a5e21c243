import { LedgerId } from '@holdfast/core'
import { instantOf } from '@holdfast/projections'
import { clock } from '../print/times.ts'
import { tone } from '../print/tone.ts'
import { examples } from '../program/examples.ts'
import { EXIT } from '../program/exit-code.ts'
import { UsageError } from '../program/usage-error.ts'
import type { RestoreAnswer } from '../schemas/maintenance.ts'
import type { Define } from './define.ts'

const SCHEME = 'sqlite:'

interface RestoreFlags {
  readonly force?: boolean
  readonly moveAside?: boolean
}

/** `restore`: puts a backup back, so that it can be written again. */
export const restore: Define = (command, shell) => {
  command
    .argument('<file>', 'what `backup` wrote')
    .option('--force', 'open it at once: nobody believes in a grant of the history that was lost')
    .option('--move-aside', 'give a store that is there already another name, and put the backup in its place')
  examples(command, 'holdfast restore backups/2026-05-01.db --store sqlite:.holdfast/ledger.db')
  shell.does(command, async (file: string, { force, moveAside }: RestoreFlags) => {
    const { url } = shell.which
    if (!url.startsWith(SCHEME))
      throw new UsageError('A backup is restored as a SQLite store; give --store sqlite:PATH.')
    const { restoreBackup } = await import('@holdfast/engine/maintenance')
    let movedAside: string | undefined
    const onMovedAside = (place: string): void => void (movedAside = place)
    const signal = shell.interruption.signal()
    const options = { force, moveAside, onMovedAside, reason: shell.reason, signal }
    const restored = await restoreBackup(file, url.slice(SCHEME.length), options)
    const ledgers = restored.map(({ ledgerId, drainsUntil, ...rest }) => ({
      ...rest,
      ledgerId: LedgerId.parse(ledgerId),
      drainsUntil: drainsUntil === null ? null : instantOf(drainsUntil),
    }))
    const answer: RestoreAnswer = { url, ledgers, movedAside }
    await shell.answer(answer, lines)
    return EXIT.done
  })
}

function lines({ ledgers, url, movedAside }: RestoreAnswer): readonly string[] {
  const moved = movedAside === undefined ? [] : [`${tone.warn('moved')}     what was there is at ${movedAside} now`]
  const restored = ledgers.map(({ ledger, head, drainsUntil }) => {
    const when =
      drainsUntil === null ? 'grants at once (forced)' : `grants nothing before ${clock(Date.parse(drainsUntil))}`
    return `${tone.good('restored')}  ${ledger} at ${url} goes on at r${head}; ${when}`
  })
  return [...moved, ...restored]
}
