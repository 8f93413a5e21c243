import type { AdoptOutcome, EpochMs } from '@holdfast/core'
import type { Ledger, QueueFull } from '@holdfast/engine/lean'
import { atLedger } from '../answer/at-ledger.ts'
import { endingExitCode } from '../answer/ending-exit-code.ts'
import { leaseAnswer } from '../answer/lease-answer.ts'
import type { RefusedRequest } from '../answer/next-steps.ts'
import { notHeldAnswer } from '../answer/not-held-answer.ts'
import type { NotHeldRequest } from '../answer/not-held-steps.ts'
import { refusedAnswer } from '../answer/refused-answer.ts'
import { surroundings } from '../answer/surroundings.ts'
import { holderOf, holderOption, type HolderFlag } from '../input/ownership-flags.ts'
import { required } from '../input/required.ts'
import { runningProcess } from '../input/running-process.ts'
import { wholeNumber } from '../input/whole-number.ts'
import { leaseLines } from '../print/lease-lines.ts'
import { notHeldLines, QUEUE_FULL_LINES } from '../print/not-held-lines.ts'
import { refusalLines } from '../print/refusal-lines.ts'
import { tone } from '../print/tone.ts'
import { examples } from '../program/examples.ts'
import type { AdoptAnswer } from '../schemas/adopt.ts'
import type { Define } from '../program/define.ts'

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
    const around = { ...surroundings(shell, ledger, nowMs), asker: newHolder }
    const asked = { ...around, op: 'adopt', lane, token: expectToken } as const
    await shell.answer(answerOf(outcome, ledger, asked, nowMs), answer => lines(lane, answer, nowMs))
    return endingExitCode(outcome)
  })
}

function answerOf(
  outcome: AdoptOutcome | QueueFull,
  ledger: Ledger,
  asked: RefusedRequest & NotHeldRequest,
  nowMs: EpochMs,
): AdoptAnswer {
  const at = atLedger(ledger)
  switch (outcome.outcome) {
    case 'adopted':
      return { ...at, ...outcome, lease: leaseAnswer(outcome.lease, ledger, nowMs) }
    case 'refused':
      return { ...at, ...refusedAnswer(outcome, asked) }
    case 'not-held':
    case 'stale-token':
      return { ...at, ...notHeldAnswer(outcome, asked) }
    case 'queue-full':
      return { ...at, ...outcome }
    case 'blocked':
      throw new Error(outcome.message)
  }
}

function lines(lane: string, answer: AdoptAnswer, nowMs: number): readonly string[] {
  switch (answer.outcome) {
    case 'adopted':
      return leaseLines(tone.good('adopted'), answer.lease, nowMs)
    case 'refused':
      return refusalLines(lane, answer, nowMs)
    case 'not-held':
    case 'stale-token':
      return notHeldLines(lane, answer)
    case 'queue-full':
      return QUEUE_FULL_LINES
  }
}
