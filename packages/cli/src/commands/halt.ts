import { intentAnswer } from '@holdfast/server/answers'
import type { IntentAnswer } from '@holdfast/server/schemas'
import { QUEUE_FULL_LINES } from '@holdfast/server/text'
import { intentExitCode } from '../answer/recorded-answer.ts'
import { environment } from '../input/environment.ts'
import { plain } from '../print/plain.ts'
import { tone } from '../print/tone.ts'
import { examples, type Define } from '../program/define.ts'

interface HaltFlags {
  readonly lane?: string
  readonly lease?: string
  readonly runId?: string
}

/** `halt`: records that a holder is to stop; a holder that runs under `run` obeys. */
export const halt: Define = (command, shell) => {
  command
    .argument('<handle>', 'a name that you choose for this request (not a holder); `why` finds it by that name')
    .option('--lane <lane>', 'the holder of this lane is to stop')
    .option('--lease <id>', 'the holder of this lease is to stop')
    .option('--run-id <id>', 'this run is to stop (default: HOLDFAST_RUN_ID, unless a lane or lease is named)')
  examples(
    command,
    "holdfast halt stop-1 --lane api --reason 'burns money'",
    'holdfast halt stop-2 --lease api@12 --json',
  )
  shell.does(command, async (handle: string, flags: HaltFlags) => {
    const { lane, lease } = flags
    // A child that halts another's lane must not narrow that down to its own run.
    const own = lane === undefined && lease === undefined ? environment('HOLDFAST_RUN_ID') : undefined
    const runId = flags.runId ?? own
    const { checkHaltRequest } = await import('@holdfast/engine/lean')
    const request = { handle, lane, leaseId: lease, runId, reason: shell.reason }
    checkHaltRequest(request)
    await using ledger = await shell.openLedger({ create: true })
    const outcome = await ledger.halt(request)
    await shell.answer(intentAnswer(outcome, ledger), answer => recordedLines(handle, answer))
    return intentExitCode(outcome)
  })
}

/** What was recorded, for people. */
export function recordedLines(handle: string, answer: IntentAnswer): readonly string[] {
  if (answer.outcome === 'queue-full') return QUEUE_FULL_LINES
  const { bound } = answer
  if (bound === null)
    return [`${tone.warn('recorded')}  halt request ${plain(handle)}: it matches no live lease, so nobody will obey`]
  return [
    `${tone.good('recorded')}  halt request ${plain(handle)}: the holder of ${bound.leaseId}, token ${bound.token}, is asked to stop`,
  ]
}
