import type { ScavengeAnswer } from '@holdfast/server/schemas'
import { scavengeAnswer } from '@holdfast/server/answers'
import { askedOf } from '../answer/surroundings.ts'
import { leaseExitCode, undoneLines } from '../answer/undone-lines.ts'
import { environment } from '../input/environment.ts'
import { tokenOf, tokenOption, type TokenFlag } from '../input/ownership-flags.ts'
import { endAt } from '../print/times.ts'
import { tone } from '../print/tone.ts'
import { examples, type Define } from '../program/define.ts'

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
    const asked = askedOf({ op: 'scavenge', lane, token: request.token, asker }, { shell, ledger, nowMs })
    const answer = scavengeAnswer(outcome, ledger, asked)
    await shell.answer(answer, () => lines(lane, answer, nowMs))
    return leaseExitCode(outcome)
  })
}

function lines(lane: string, answer: ScavengeAnswer, nowMs: number): readonly string[] {
  if (answer.outcome !== 'scavenged') return undoneLines(lane, answer, nowMs)
  const { leaseId, drainsUntil } = answer
  const open = drainsUntil === null ? 'open now' : `drains until ${endAt(Date.parse(drainsUntil), nowMs)}`
  return [`${tone.good('scavenged')}  ${lane}  ${leaseId}, ${open}`]
}
