import type { ScavengeOutcome } from '@holdfast/core'
import type { Ledger, QueueFull } from '@holdfast/engine/lean'
import { instantOf } from '@holdfast/projections'
import { atLedger } from '../answer/at-ledger.ts'
import { endingExitCode } from '../answer/ending-exit-code.ts'
import type { RefusedRequest } from '../answer/next-steps.ts'
import { notHeldAnswer } from '../answer/not-held-answer.ts'
import type { NotHeldRequest } from '../answer/not-held-steps.ts'
import { refusedAnswer } from '../answer/refused-answer.ts'
import { surroundings } from '../answer/surroundings.ts'
import { environment } from '../input/environment.ts'
import { tokenOf, tokenOption, type TokenFlag } from '../input/ownership-flags.ts'
import { notHeldLines, QUEUE_FULL_LINES } from '../print/not-held-lines.ts'
import { refusalLines } from '../print/refusal-lines.ts'
import { endAt } from '../print/times.ts'
import { tone } from '../print/tone.ts'
import { examples } from '../program/examples.ts'
import type { ScavengeAnswer } from '../schemas/scavenge.ts'
import type { Define } from '../program/define.ts'

interface ScavengeFlags extends TokenFlag {
  readonly force?: boolean
}

/** `scavenge`: ends a lease whose holder is gone. */
export const scavenge: Define = (command, shell) => {
  command
    .argument('<lane>', 'the lane')
    .addOption(tokenOption())
    .option(
      '--force',
      'do it although the lease is live; its region stays closed until the time of the old holder is over',
    )
  examples(
    command,
    'holdfast scavenge api --token 12',
    "holdfast scavenge api --token 12 --force --reason 'the host is gone'",
  )
  shell.does(command, async (lane: string, flags: ScavengeFlags) => {
    const request = { lane, token: tokenOf(flags), force: flags.force, reason: shell.reason }
    await using ledger = await shell.openLedger({ create: false })
    const outcome = await ledger.scavenge(request)
    const nowMs = await ledger.now()
    const asker = environment('HOLDFAST_HOLDER') ?? null
    const around = { ...surroundings(shell, ledger, nowMs), asker }
    const asked = { ...around, op: 'scavenge', lane, token: request.token } as const
    await shell.answer(answerOf(outcome, ledger, asked), answer => lines(lane, answer, nowMs))
    return endingExitCode(outcome)
  })
}

function answerOf(
  outcome: ScavengeOutcome | QueueFull,
  ledger: Ledger,
  asked: RefusedRequest & NotHeldRequest,
): ScavengeAnswer {
  const at = atLedger(ledger)
  switch (outcome.outcome) {
    case 'scavenged': {
      const { leaseId, token, drainsUntilMs } = outcome
      const drainsUntil = drainsUntilMs === null ? null : instantOf(drainsUntilMs)
      return { ...at, outcome: 'scavenged', leaseId, token, drainsUntil }
    }
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

function lines(lane: string, answer: ScavengeAnswer, nowMs: number): readonly string[] {
  switch (answer.outcome) {
    case 'scavenged': {
      const { leaseId, drainsUntil } = answer
      const open = drainsUntil === null ? 'open now' : `drains until ${endAt(Date.parse(drainsUntil), nowMs)}`
      return [`${tone.good('scavenged')}  ${lane}  ${leaseId}, ${open}`]
    }
    case 'refused':
      return refusalLines(lane, answer, nowMs)
    case 'not-held':
    case 'stale-token':
      return notHeldLines(lane, answer)
    case 'queue-full':
      return QUEUE_FULL_LINES
  }
}
