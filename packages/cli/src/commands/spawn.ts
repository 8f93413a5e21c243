import { intentAnswer } from '@holdfast/server/answers'
import type { IntentAnswer } from '@holdfast/server/schemas'
import { QUEUE_FULL_LINES } from '@holdfast/server/text'
import { intentExitCode } from '../answer/recorded-answer.ts'
import { holderOf, holderOption, runIdOption, runningProcess, type HolderFlag } from '../input/ownership-flags.ts'
import { tone } from '../print/tone.ts'
import { examples, type Define } from '../program/define.ts'

interface SpawnFlags extends HolderFlag {
  readonly runId?: string
  readonly ttl?: string
  readonly pid?: string
}

/** `spawn`: announces that work starts, before there is a lease; shown as SPAWNING until the ACQUIRE or the TTL. */
export const spawn: Define = (command, shell) => {
  command
    .argument('<lane>', 'lane that the work will request')
    .addOption(holderOption('who starts'))
    .addOption(runIdOption())
    .option('--ttl <duration>', 'how long the start is shown if no lease follows')
    .option('--pid <pid>', 'running process that starts the work')
  examples(
    command,
    'holdfast spawn api --holder agent-7',
    'holdfast spawn api --holder agent-7 --run-id pr-12 --ttl 2m',
  )
  shell.does(command, async (lane: string, flags: SpawnFlags) => {
    const holder = holderOf(flags)
    const { ttl, runId } = flags
    const process = await runningProcess(flags.pid)
    const { checkSpawnRequest } = await import('@holdfast/engine/lean')
    const request = { lane, holder, runId, ttl, process, reason: shell.reason }
    checkSpawnRequest(request)
    await using ledger = await shell.openLedger({ create: true })
    const outcome = await ledger.spawn(request)
    await shell.answer(intentAnswer(outcome, ledger), answer => lines(lane, holder, answer))
    return intentExitCode(outcome)
  })
}

function lines(lane: string, holder: string, answer: IntentAnswer): readonly string[] {
  if (answer.outcome === 'queue-full') return QUEUE_FULL_LINES
  return [`${tone.good('recorded')}  ${lane}  ${holder} is starting`]
}
