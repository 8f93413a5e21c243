import type { CheckAnswer } from '@holdfast/server/schemas'
import { checkAnswer } from '@holdfast/server/answers'
import { notHeldLines } from '@holdfast/server/text'
import { askedOf } from '../answer/surroundings.ts'
import { EXIT } from '../failure/exit-code.ts'
import { environment } from '../input/environment.ts'
import { tokenOf, tokenOption, type TokenFlag } from '../input/ownership-flags.ts'
import { haltLines } from '../print/lease-lines.ts'
import { endAt, instant } from '../print/times.ts'
import { tone } from '../print/tone.ts'
import { examples, type Define } from '../program/define.ts'

/** `check`: whether a lease is held at a token at this moment, and open. What follows the answer can be late. */
export const check: Define = (command, shell) => {
  command.argument('<lane>', 'the lane').addOption(tokenOption())
  examples(command, 'holdfast check api --token 12', 'holdfast check api --token "$HOLDFAST_TOKEN" && git push')
  shell.does(command, async (lane: string, flags: TokenFlag) => {
    const token = tokenOf(flags)
    await using ledger = await shell.openLedger({ create: false })
    const outcome = await ledger.check(lane, token)
    const nowMs = await ledger.now()
    const asker = environment('HOLDFAST_HOLDER') ?? null
    const asked = askedOf({ op: 'check', lane, token, asker }, { shell, ledger, nowMs })
    await shell.answer(checkAnswer(outcome, ledger, asked), answer => [
      ...lines(lane, answer, nowMs),
      ...('halt' in answer ? haltLines(answer.halt, answer.lease, { typed: shell.typed, nowMs }) : []),
    ])
    return outcome.outcome === 'held' ? EXIT.done : EXIT.notHeld
  })
}

function lines(lane: string, answer: CheckAnswer, nowMs: number): readonly string[] {
  switch (answer.outcome) {
    case 'held': {
      const { holder, safeUntil } = answer.lease
      return [`${tone.good('held')}  ${lane}  by ${holder}, safe until ${endAt(Date.parse(safeUntil), nowMs)}`]
    }
    case 'in-grace': {
      const { safeUntil, expiresAt } = answer.lease
      const [over, until] = [safeUntil, expiresAt].map(at => endAt(Date.parse(at), nowMs))
      return [`${tone.warn('in grace')}  ${lane}  safe until ${over}; beat before ${until} to hold it again`]
    }
    case 'expired':
      return [`${tone.bad('expired')}  ${lane}  ${instant(Date.parse(answer.lease.expiresAt), nowMs)}`]
    case 'draining':
      return [
        `${tone.warn('draining')}  ${lane}  an older holder may believe until ${endAt(Date.parse(answer.until), nowMs)}`,
      ]
    case 'not-held':
    case 'stale-token':
      return notHeldLines(lane, answer)
  }
}
