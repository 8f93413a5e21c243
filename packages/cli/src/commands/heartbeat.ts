import type { EpochMs, HeartbeatOutcome } from '@holdfast/core'
import type { Ledger, QueueFull } from '@holdfast/engine/lean'
import { atLedger } from '../answer/at-ledger.ts'
import { leaseAnswer } from '../answer/lease-answer.ts'
import { notHeldAnswer } from '../answer/not-held-answer.ts'
import type { NotHeldRequest } from '../answer/not-held-steps.ts'
import { pendingHalt } from '../answer/pending-halt.ts'
import { surroundings } from '../answer/surroundings.ts'
import { holderOf, takesOwnership, tokenOf, type HolderFlag, type TokenFlag } from '../input/ownership-flags.ts'
import { haltLines } from '../print/halt-lines.ts'
import { leaseLines } from '../print/lease-lines.ts'
import { notHeldLines, QUEUE_FULL_LINES } from '../print/not-held-lines.ts'
import { tone } from '../print/tone.ts'
import { examples } from '../program/examples.ts'
import { EXIT } from '../failure/exit-code.ts'
import type { TypedLine } from '../program/typed-line.ts'
import { UsageError } from '../failure/usage-error.ts'
import type { HeartbeatAnswer } from '../schemas/heartbeat.ts'
import type { Define } from '../program/define.ts'

interface HeartbeatFlags extends HolderFlag, TokenFlag {
  readonly activity?: string
  readonly expect?: string
  readonly progress?: string
}

/** `heartbeat`: keeps a lease, and may announce a long step. */
export const heartbeat: Define = (command, shell) => {
  takesOwnership(command)
    .option('--activity <text>', 'name of a long step that begins now')
    .option('--expect <duration>', 'how long that step may take; the lease lives as long, up to the activity cap')
    .option('--progress <text>', 'what is being done; shown to people, not used in any decision')
  examples(
    command,
    'holdfast heartbeat api --holder agent-7 --token 12',
    "holdfast heartbeat api --holder agent-7 --token 12 --activity 'test run' --expect 20m",
  )
  shell.does(command, async (lane: string, flags: HeartbeatFlags) => {
    const beat = {
      lane,
      holder: holderOf(flags),
      token: tokenOf(flags),
      progress: flags.progress,
      activity: activityOf(flags),
      reason: shell.reason,
    }
    await using ledger = await shell.openLedger({ create: false })
    const outcome = await ledger.heartbeat(beat)
    const nowMs = await ledger.now()
    const around = { ...surroundings(shell, ledger, nowMs), asker: beat.holder, moment: { nowMs } }
    const asked = { ...around, op: 'heartbeat', lane, token: beat.token } as const
    await shell.answer(answerOf(outcome, ledger, asked), answer => lines(lane, answer, { typed: shell.typed, nowMs }))
    if (outcome.outcome === 'beaten') return EXIT.done
    return outcome.outcome === 'queue-full' ? EXIT.unavailable : EXIT.notHeld
  })
}

function activityOf({ activity, expect }: HeartbeatFlags) {
  if (activity === undefined && expect === undefined) return undefined
  if (activity === undefined)
    throw new UsageError('activity is missing; --expect needs it: give --activity TEXT as well.')
  if (expect === undefined)
    throw new UsageError('expect is missing; --activity needs it: give --expect DURATION as well.')
  return { label: activity, expected: expect }
}

function answerOf(
  outcome: HeartbeatOutcome | QueueFull,
  ledger: Ledger,
  asked: NotHeldRequest & { readonly moment: { readonly nowMs: EpochMs } },
): HeartbeatAnswer {
  const { nowMs } = asked.moment
  const at = atLedger(ledger)
  switch (outcome.outcome) {
    case 'beaten':
      return {
        ...at,
        outcome: 'beaten',
        coalesced: outcome.coalesced,
        lease: leaseAnswer(outcome.lease, ledger, nowMs),
        halt: pendingHalt(ledger.state, outcome.lease, nowMs),
      }
    case 'not-held':
    case 'stale-token':
      return { ...at, ...notHeldAnswer(outcome, asked) }
    case 'queue-full':
      return { ...at, ...outcome }
    case 'blocked':
      throw new Error(outcome.message)
  }
}

function lines(
  lane: string,
  answer: HeartbeatAnswer,
  around: { readonly typed: TypedLine; readonly nowMs: number },
): readonly string[] {
  switch (answer.outcome) {
    case 'beaten':
      return [
        ...leaseLines(tone.good('beaten'), answer.lease, around.nowMs),
        ...haltLines(answer.halt, answer.lease, around),
      ]
    case 'not-held':
    case 'stale-token':
      return notHeldLines(lane, answer)
    case 'queue-full':
      return QUEUE_FULL_LINES
  }
}
