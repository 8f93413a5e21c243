import { sentHeartbeat, type HeartbeatRequest } from '@holdfast/engine/lean'
import type { HeartbeatAnswer } from '@holdfast/server/schemas'
import { heartbeatAnswer } from '@holdfast/server/answers'
import { askedOf } from '../answer/surroundings.ts'
import { leaseExitCode, undoneLines } from '../answer/undone-lines.ts'
import { UsageError } from '../failure/usage-error.ts'
import { holderOf, takesOwnership, tokenOf, type HolderFlag, type TokenFlag } from '../input/ownership-flags.ts'
import { haltLines, leaseLines } from '../print/lease-lines.ts'
import { tone } from '../print/tone.ts'
import { examples, type Define } from '../program/define.ts'
import type { Shell } from '../program/shell.ts'
import { toldByServer, type ToldAnswer } from '../program/tell-server.ts'
import type { TypedLine } from '../program/typed-line.ts'

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
    const { answer, nowMs } = await beaten(shell, beat)
    await shell.answer(answer, () => lines(lane, answer, { typed: shell.typed, nowMs }))
    return leaseExitCode(answer)
  })
}

/** By the server of the ledger, if there is one; else at the store. */
async function beaten(
  shell: Shell,
  beat: HeartbeatRequest,
): Promise<Pick<ToldAnswer<HeartbeatAnswer>, 'answer' | 'nowMs'>> {
  const served = await toldByServer(shell, sentHeartbeat(beat), isHeartbeatAnswer)
  if (served !== null && 'told' in served) return served.told
  await using ledger = await shell.openLedger({ create: false, sentBefore: served?.lost })
  const outcome = await ledger.heartbeat(beat)
  const nowMs = await ledger.now()
  const { lane, token, holder: asker } = beat
  const asked = askedOf({ op: 'heartbeat', lane, token, asker }, { shell, ledger, nowMs })
  return { answer: heartbeatAnswer(outcome, ledger, asked), nowMs }
}

function isHeartbeatAnswer(answer: object): answer is HeartbeatAnswer {
  return 'outcome' in answer && OUTCOMES.some(outcome => outcome === answer.outcome)
}

const OUTCOMES: readonly HeartbeatAnswer['outcome'][] = ['beaten', 'not-held', 'stale-token', 'queue-full']

function activityOf({ activity, expect }: HeartbeatFlags) {
  if (activity === undefined && expect === undefined) return undefined
  if (activity === undefined)
    throw new UsageError('activity is missing; --expect needs it: give --activity TEXT as well.')
  if (expect === undefined)
    throw new UsageError('expect is missing; --activity needs it: give --expect DURATION as well.')
  return { label: activity, expected: expect }
}

function lines(
  lane: string,
  answer: HeartbeatAnswer,
  around: { readonly typed: TypedLine; readonly nowMs: number },
): readonly string[] {
  if (answer.outcome !== 'beaten') return undoneLines(lane, answer, around.nowMs)
  return [
    ...leaseLines(tone.good('beaten'), answer.lease, around.nowMs),
    ...haltLines(answer.halt, answer.lease, around),
  ]
}
