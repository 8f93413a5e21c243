import type { ReleaseAnswer } from '@holdfast/server/schemas'
import { haltToConfirm, releaseAnswer } from '@holdfast/server/answers'
import { askedOf } from '../answer/surroundings.ts'
import { leaseExitCode, undoneLines } from '../answer/undone-lines.ts'
import { holderOf, takesOwnership, tokenOf, type HolderFlag, type TokenFlag } from '../input/ownership-flags.ts'
import { tone } from '../print/tone.ts'
import { examples, type Define } from '../program/define.ts'

/** `release`: gives a lease up; after a loss by force it opens what the ledger kept closed. */
export const release: Define = (command, shell) => {
  takesOwnership(command)
  examples(
    command,
    'holdfast release api --holder agent-7 --token 12',
    "holdfast release api --holder agent-7 --token 12 --reason 'merged'",
  )
  shell.does(command, async (lane: string, flags: HolderFlag & TokenFlag) => {
    const request = { lane, holder: holderOf(flags), token: tokenOf(flags), reason: shell.reason }
    await using ledger = await shell.openLedger({ create: false })
    const halt = haltToConfirm(ledger.state, request, await ledger.now())
    const outcome = await ledger.release({ ...request, causation: halt?.eventId })
    const nowMs = await ledger.now()
    const { token, holder: asker } = request
    const asked = askedOf({ op: 'release', lane, token, asker }, { shell, ledger, nowMs })
    const answer = releaseAnswer(outcome, ledger, asked)
    await shell.answer(answer, () => lines(lane, answer, nowMs))
    return leaseExitCode(outcome)
  })
}

function lines(lane: string, answer: ReleaseAnswer, nowMs: number): readonly string[] {
  switch (answer.outcome) {
    case 'released':
      return [`${tone.good('released')}  ${lane}  ${answer.leaseId}`]
    case 'drained':
      return [`${tone.good('drained')}  ${lane}  ${answer.leaseId} had been taken; what it covered is open now`]
    case 'refused':
    case 'not-held':
    case 'stale-token':
    case 'queue-full':
      return undoneLines(lane, answer, nowMs)
  }
}
