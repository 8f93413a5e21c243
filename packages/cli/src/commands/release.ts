import { sentRelease, type ReleaseRequest } from '@holdfast/engine/lean'
import type { ReleaseAnswer, ReleaseSessionAnswer } from '@holdfast/server/schemas'
import { releaseSession } from '@holdfast/engine/sessions'
import { atLedger, haltToConfirm, releaseAnswer } from '@holdfast/server/answers'
import type { Command } from 'commander'
import { askedOf } from '../answer/surroundings.ts'
import { leaseExitCode, undoneLines } from '../answer/undone-lines.ts'
import { EXIT } from '../failure/exit-code.ts'
import { UsageError } from '../failure/usage-error.ts'
import {
  holderOf,
  holderOption,
  tokenOf,
  tokenOption,
  type HolderFlag,
  type TokenFlag,
} from '../input/ownership-flags.ts'
import { plain } from '../print/plain.ts'
import { tone } from '../print/tone.ts'
import { examples, type Define } from '../program/define.ts'
import type { Shell } from '../program/shell.ts'
import { toldByServer, type ToldAnswer } from '../program/tell-server.ts'

/** `release`: gives a lease up; after a loss by force it opens what the ledger kept closed. */
export const release: Define = (command, shell) => {
  takesLease(command).option(
    '--session',
    'give up every lease of the holder that is bound to no process; no lane and no token are named',
  )
  examples(
    command,
    'holdfast release api --holder agent-7 --token 12',
    'holdfast release --session --holder claude-code/7f3a',
  )
  shell.does(command, async (lane: string | undefined, flags: ReleaseFlags) => {
    if (flags.session === true) return releaseAll(shell, lane, flags)
    if (lane === undefined)
      throw new UsageError('lane is missing; name the lane, or use --session for every lease of the holder.')
    const request = { lane, holder: holderOf(flags), token: tokenOf(flags), reason: shell.reason }
    const { answer, nowMs } = await givenUp(shell, request)
    await shell.answer(answer, () => lines(lane, answer, nowMs))
    return leaseExitCode(answer)
  })
}

/** By the server of the ledger, if there is one; else at the store. */
async function givenUp(
  shell: Shell,
  request: ReleaseRequest,
): Promise<Pick<ToldAnswer<ReleaseAnswer>, 'answer' | 'nowMs'>> {
  const served = await toldByServer(shell, sentRelease(request), isReleaseAnswer)
  if (served !== null && 'told' in served) return served.told
  await using ledger = await shell.openLedger({ create: false, sentBefore: served?.lost })
  const halt = haltToConfirm(ledger.state, request, await ledger.now())
  const outcome = await ledger.release({ ...request, causation: halt?.eventId })
  const nowMs = await ledger.now()
  const { lane, token, holder: asker } = request
  const asked = askedOf({ op: 'release', lane, token, asker }, { shell, ledger, nowMs })
  return { answer: releaseAnswer(outcome, ledger, asked), nowMs }
}

function isReleaseAnswer(answer: object): answer is ReleaseAnswer {
  return 'outcome' in answer && OUTCOMES.some(outcome => outcome === answer.outcome)
}

const OUTCOMES: readonly ReleaseAnswer['outcome'][] = [
  'released',
  'drained',
  'refused',
  'not-held',
  'stale-token',
  'queue-full',
]

interface ReleaseFlags extends HolderFlag, TokenFlag {
  readonly session?: true
}

function takesLease(command: Command): Command {
  return command.argument('[lane]', 'the lane').addOption(holderOption()).addOption(tokenOption())
}

/** Gives up what a session holds, as its end does. */
async function releaseAll(shell: Shell, lane: string | undefined, flags: ReleaseFlags): Promise<number> {
  if (lane !== undefined) throw new UsageError('session: it gives up every lease of the holder; leave the lane out.')
  const holder = holderOf(flags)
  await using ledger = await shell.openLedger({ create: false })
  const released = await releaseSession(ledger, holder, shell.reason ?? '')
  const leases = released.map(({ lane: of, leaseId, token }) => ({ lane: of, leaseId, token }))
  const answer: ReleaseSessionAnswer = {
    ...atLedger(ledger),
    outcome: 'released',
    holder: released[0]?.holder ?? null,
    leases,
  }
  await shell.answer(answer, () =>
    leases.length === 0
      ? [`${plain(holder)} holds nothing that is bound to no process.`]
      : leases.map(each => `${tone.good('released')}  ${plain(each.lane)}  ${plain(each.leaseId)}`),
  )
  return EXIT.done
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
