import type { EpochMs, LedgerState } from '@holdfast/core'
import { isSameLane } from '@holdfast/core/internal'
import { pendingHalts, type HaltView } from '@holdfast/projections'
import { atLedger } from '../answer/at-ledger.ts'
import { askedOf, leaseExitCode, undoneAnswer, undoneLines } from '../answer/undone-answer.ts'
import { holderOf, takesOwnership, tokenOf, type HolderFlag, type TokenFlag } from '../input/ownership-flags.ts'
import { tone } from '../print/tone.ts'
import { examples, type Define } from '../program/define.ts'
import type { ReleaseAnswer } from '../schemas/held-lease.ts'

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
    const answer: ReleaseAnswer = {
      ...atLedger(ledger),
      ...(outcome.outcome === 'released' || outcome.outcome === 'drained'
        ? outcome
        : undoneAnswer(
            outcome,
            askedOf({ op: 'release', lane, token: request.token, asker: request.holder }, { shell, ledger, nowMs }),
          )),
    }
    await shell.answer(answer, () => lines(lane, answer, nowMs))
    return leaseExitCode(outcome)
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
