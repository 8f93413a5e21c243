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
}

/** `restore`: puts a backup back, so that it can be written again. */
export const restore: Define = (command, shell) => {
  command
    .argument('<file>', 'what `backup` wrote')
    .option('--force', 'open it at once: nobody believes in a grant of the history that was lost')
  examples(command, 'holdfast restore backups/2026-05-01.db --store sqlite:.holdfast/ledger.db')
  shell.does(command, async (file: string, { force }: RestoreFlags) => {
    const { url } = shell.which
    if (!url.startsWith(SCHEME))
      throw new UsageError('A backup is restored as a SQLite store; give --store sqlite:PATH.')
    const { restoreBackup } = await import('@holdfast/engine/maintenance')
    const options = { force, reason: shell.reason, signal: shell.interruption.signal() }
    const restored = await restoreBackup(file, url.slice(SCHEME.length), options)
    const ledgers = restored.map(({ ledgerId, drainsUntil, ...rest }) => ({
      ...rest,
      ledgerId: LedgerId.parse(ledgerId),
      drainsUntil: drainsUntil === null ? null : instantOf(drainsUntil),
    }))
    const answer: RestoreAnswer = { url, ledgers }
    await shell.answer(answer, lines)
    return EXIT.done
  })
}

function lines({ ledgers, url }: RestoreAnswer): readonly string[] {
  return ledgers.map(({ ledger, head, drainsUntil }) => {
    const when =
      drainsUntil === null ? 'grants at once (forced)' : `grants nothing before ${clock(Date.parse(drainsUntil))}`
    return `${tone.good('restored')}  ${ledger} at ${url} goes on at r${head}; ${when}`
  })
}
