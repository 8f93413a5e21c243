import { instantOf } from '@holdfast/projections'
import { readHook, type HookDocument, type HookShape } from '@holdfast/engine/write-guard'
import type { Command } from 'commander'
import { EXIT } from '../failure/exit-code.ts'
import { UsageError } from '../failure/usage-error.ts'
import { hookShape } from '../input/hook-shape.ts'
import { holderOption, tokenOption, type HolderFlag, type TokenFlag } from '../input/ownership-flags.ts'
import { readInput } from '../input/read-input.ts'
import { plain } from '../print/plain.ts'
import { examples } from '../program/define.ts'
import { openFold } from '../program/open-fold.ts'
import type { Shell } from '../program/shell.ts'
import type { GuardAfterAnswer } from '../schemas/guard.ts'
import { guardSettings, writerOf } from './guard-check.ts'

interface AfterFlags extends HolderFlag, TokenFlag {
  readonly hook: string
}

/** Files that are told of one by one. */
const TOLD_MAX = 20

/** `guard after`: what a tool call has changed in the regions of others, that `guard check --watch` has looked at before. */
export function defineAfter(command: Command, shell: Shell): void {
  command
    .requiredOption('--hook <name>', 'read and answer like this hook, after the tool has run')
    .addOption(holderOption('who ran the tool'))
    .addOption(tokenOption())
  examples(command, 'holdfast guard after --hook claude-code --holder agent-7 < document.json')
  shell.does(command, async (flags: AfterFlags) => {
    const policy = await guardSettings(shell)
    const shape = await hookShape(flags.hook, policy)
    if (shape.source !== 'document') throw new UsageError('hook: it sends no documents; there is nothing after it.')
    return looked(shell, readHook(shape, await readInput()), { flags, shape })
  })
}

async function looked(
  shell: Shell,
  document: HookDocument,
  { flags, shape }: { readonly flags: AfterFlags; readonly shape: HookShape },
): Promise<number> {
  const [{ databaseOf }, { recordTrespasses }, { trespassesSince }] = await Promise.all([
    import('../trespass/watch-file.ts'),
    import('../trespass/trespass-log.ts'),
    import('../trespass/watch-call.ts'),
  ])
  const { root, url } = shell.which
  const database = databaseOf(url)
  const writer = writerOf(flags, shell, root)
  await using ledger = await openFold(shell)
  const { at, fold, nowMs, ownClock } = ledger
  const about = database === null ? null : { database, root, holder: writer.holder, call: document.call }
  const found = about === null ? null : trespassesSince(fold.state, about, { root, writer, nowMs, ownClock })
  const trespasses = (found?.trespasses ?? []).map(({ path, change, claim: { lane, holder, leaseId }, putBack }) => {
    return { path, change, lane, holder, leaseId, putBack }
  })
  const answer: GuardAfterAnswer = {
    ...at,
    watched: found !== null,
    isWhole: found?.isWhole ?? false,
    root,
    trespasses,
  }
  if (database !== null && trespasses.length > 0) {
    const recordedAt = instantOf(nowMs)
    recordTrespasses(
      database,
      trespasses.map(({ leaseId: _leaseId, ...trespass }) => ({
        at: recordedAt,
        by: writer.holder,
        root,
        ...trespass,
      })),
    )
  }
  if (shell.json) await shell.answer(answer, () => [])
  else for (const line of lines(answer)) shell.out.remark(`holdfast guard: ${line}`)
  return trespasses.length === 0 ? EXIT.done : shape.refusedExitCode
}

const DONE = { made: 'was made', changed: 'was changed', removed: 'was removed' } as const

function lines({ trespasses, watched, isWhole }: GuardAfterAnswer): readonly string[] {
  const told = trespasses.slice(0, TOLD_MAX).map(({ path, change, lane, holder, putBack }) => {
    const back = putBack === null ? '' : `; it was put back, and what was written is in ${plain(putBack)}`
    return `${plain(path)} ${DONE[change]} while this command ran: it lies in lane ${plain(lane)} of ${plain(holder)}${back}`
  })
  if (trespasses.length > TOLD_MAX) told.push(`and ${trespasses.length - TOLD_MAX} more files`)
  if (trespasses.some(({ putBack }) => putBack === null)) {
    told.push(
      'if this was you, undo it (git diff shows it), and do not write there again; the holder may also have done it',
    )
  }
  if (watched && !isWhole)
    told.push('not everything could be looked at: there are too many files in the regions of others')
  return told
}
