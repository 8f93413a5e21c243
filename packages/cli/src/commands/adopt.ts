import type { AdoptAnswer } from '@holdfast/server/schemas'
import { adoptAnswer } from '@holdfast/server/answers'
import { askedOf } from '../answer/surroundings.ts'
import { leaseExitCode, undoneLines } from '../answer/undone-lines.ts'
import { required, wholeNumber } from '../input/flag-values.ts'
import { holderOf, holderOption, runningProcess, type HolderFlag } from '../input/ownership-flags.ts'
import { leaseLines } from '../print/lease-lines.ts'
import { tone } from '../print/tone.ts'
import { examples, type Define } from '../program/define.ts'

interface AdoptFlags extends HolderFlag {
  readonly expectToken?: string
  readonly force?: boolean
  readonly pid?: string
}

/** `adopt`: takes over a lease whose holder is gone, under a new token; the old token is worth nothing from then on. */
export const adopt: Define = (command, shell) => {
  command
    .argument('<lane>', 'the lane')
    .addOption(holderOption('the new holder'))
    .option('--expect-token <n>', 'token that the lease has now; adopt only if it still has it')
    .option(
      '--force',
      'do it although the lease is live; its region stays closed until the time of the old holder is over',
    )
    .option('--pid <pid>', 'running process that holds the lease; its death can end the lease early')
  examples(
    command,
    'holdfast adopt api --holder agent-8 --expect-token 12',
    "holdfast adopt api --holder operator --expect-token 12 --force --reason 'agent-7 hangs'",
  )
  shell.does(command, async (lane: string, flags: AdoptFlags) => {
    const newHolder = holderOf(flags)
    const expectToken = wholeNumber(required(flags.expectToken, 'expect-token', '--expect-token N'), 'expect-token')
    const process = await runningProcess(flags.pid)
    await using ledger = await shell.openLedger({ create: false })
    const { reason } = shell
    const outcome = await ledger.adopt({ lane, newHolder, expectToken, force: flags.force, process, reason })
    const nowMs = await ledger.now()
    const request = { op: 'adopt', lane, token: expectToken, asker: newHolder } as const
    const answer = adoptAnswer(outcome, ledger, askedOf(request, { shell, ledger, nowMs }))
    await shell.answer(answer, () => lines(lane, answer, nowMs))
    return leaseExitCode(outcome)
  })
}

function lines(lane: string, answer: AdoptAnswer, nowMs: number): readonly string[] {
  if (answer.outcome !== 'adopted') return undoneLines(lane, answer, nowMs)
  return leaseLines(tone.good('adopted'), answer.lease, nowMs)
}
