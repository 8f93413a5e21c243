import { isSameLane, type EpochMs, type LedgerState, type ReleaseOutcome } from '@holdfast/core'
import type { Ledger, QueueFull } from '@holdfast/engine/lean'
import { pendingHalts, type HaltView } from '@holdfast/projections'
import { atLedger } from '../answer/at-ledger.ts'
import { endingExitCode } from '../answer/ending-exit-code.ts'
import type { RefusedRequest } from '../answer/next-steps.ts'
import { notHeldAnswer } from '../answer/not-held-answer.ts'
import type { NotHeldRequest } from '../answer/not-held-steps.ts'
import { refusedAnswer } from '../answer/refused-answer.ts'
import { surroundings } from '../answer/surroundings.ts'
import { holderOf, takesOwnership, tokenOf, type HolderFlag, type TokenFlag } from '../input/ownership-flags.ts'
import { notHeldLines, QUEUE_FULL_LINES } from '../print/not-held-lines.ts'
import { refusalLines } from '../print/refusal-lines.ts'
import { tone } from '../print/tone.ts'
import { examples } from '../program/examples.ts'
import type { ReleaseAnswer } from '../schemas/release.ts'
import type { Define } from '../program/define.ts'

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
    const halt = haltOf(ledger.state, request, await ledger.now())
    const outcome = await ledger.release({ ...request, causation: halt?.eventId })
    const nowMs = await ledger.now()
    const around = { ...surroundings(shell, ledger, nowMs), asker: request.holder }
    const asked = { ...around, op: 'release', lane, token: request.token } as const
    await shell.answer(answerOf(outcome, ledger, asked), answer => lines(lane, answer, nowMs))
    return endingExitCode(outcome)
  })
}

/** The oldest stop intent that the lease has still to obey: whoever gives it up then says that it has. */
function haltOf(
  state: LedgerState,
  { lane, token }: { readonly lane: string; readonly token: number },
  nowMs: EpochMs,
): HaltView | undefined {
  return pendingHalts(state, nowMs).find(halt => {
    const bound = halt.leaseId === null ? undefined : state.leases.get(halt.leaseId)
    return halt.token === token && bound !== undefined && isSameLane(bound.lane, lane, state.config)
  })
}

function answerOf(
  outcome: ReleaseOutcome | QueueFull,
  ledger: Ledger,
  asked: RefusedRequest & NotHeldRequest,
): ReleaseAnswer {
  const at = atLedger(ledger)
  switch (outcome.outcome) {
    case 'refused':
      return { ...at, ...refusedAnswer(outcome, asked) }
    case 'not-held':
    case 'stale-token':
      return { ...at, ...notHeldAnswer(outcome, asked) }
    case 'released':
    case 'drained':
    case 'queue-full':
      return { ...at, ...outcome }
    case 'blocked':
      throw new Error(outcome.message)
  }
}

function lines(lane: string, answer: ReleaseAnswer, nowMs: number): readonly string[] {
  switch (answer.outcome) {
    case 'released':
      return [`${tone.good('released')}  ${lane}  ${answer.leaseId}`]
    case 'drained':
      return [`${tone.good('drained')}  ${lane}  ${answer.leaseId} had been taken; what it covered is open now`]
    case 'refused':
      return refusalLines(lane, answer, nowMs)
    case 'not-held':
    case 'stale-token':
      return notHeldLines(lane, answer)
    case 'queue-full':
      return QUEUE_FULL_LINES
  }
}
