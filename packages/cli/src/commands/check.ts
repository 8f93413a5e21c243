import type { EpochMs } from '@holdfast/core'
import type { CheckOutcome, Ledger } from '@holdfast/engine/lean'
import { instantOf } from '@holdfast/projections'
import { atLedger } from '../answer/at-ledger.ts'
import { leaseAnswer, pendingHalt } from '../answer/lease-answer.ts'
import { notHeldAnswer, type NotHeldRequest } from '../answer/not-held-answer.ts'
import { askedOf } from '../answer/undone-answer.ts'
import { EXIT } from '../failure/exit-code.ts'
import { environment } from '../input/environment.ts'
import { tokenOf, tokenOption, type TokenFlag } from '../input/ownership-flags.ts'
import { haltLines } from '../print/lease-lines.ts'
import { notHeldLines } from '../print/refusal-lines.ts'
import { endAt, instant } from '../print/times.ts'
import { tone } from '../print/tone.ts'
import { examples, type Define } from '../program/define.ts'
import type { CheckAnswer } from '../schemas/held-lease.ts'

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
    await shell.answer(answerOf(outcome, ledger, { asked, nowMs }), answer => [
      ...lines(lane, answer, nowMs),
      ...('halt' in answer ? haltLines(answer.halt, answer.lease, { typed: shell.typed, nowMs }) : []),
    ])
    return outcome.outcome === 'held' ? EXIT.done : EXIT.notHeld
  })
}

function answerOf(
  outcome: CheckOutcome,
  ledger: Ledger,
  { asked, nowMs }: { readonly asked: NotHeldRequest; readonly nowMs: EpochMs },
): CheckAnswer {
  const at = { ...atLedger(ledger), held: outcome.outcome === 'held' }
  switch (outcome.outcome) {
    case 'held':
    case 'expired':
    case 'in-grace':
      return {
        ...at,
        outcome: outcome.outcome,
        lease: leaseAnswer(outcome.lease, ledger, nowMs),
        halt: pendingHalt(ledger.state, outcome.lease, nowMs),
      }
    case 'draining':
      return {
        ...at,
        outcome: 'draining',
        lease: leaseAnswer(outcome.lease, ledger, nowMs),
        halt: pendingHalt(ledger.state, outcome.lease, nowMs),
        until: instantOf(outcome.untilMs),
      }
    case 'not-held':
    case 'stale-token':
      return { ...at, ...notHeldAnswer(outcome, asked) }
  }
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
