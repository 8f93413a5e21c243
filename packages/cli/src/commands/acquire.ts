import type { AcquireOutcome, EpochMs } from '@holdfast/core'
import {
  parseDuration,
  sentAcquire,
  type AcquireRequest,
  type Ledger,
  type QueueFull,
  type WaitOptions,
} from '@holdfast/engine/lean'
import type { AcquireAnswer } from '@holdfast/server/schemas'
import { acquireAnswer, atPlace } from '@holdfast/server/answers'
import { nextLines, QUEUE_FULL_LINES, refusalLines } from '@holdfast/server/text'
import { surroundings } from '../answer/surroundings.ts'
import { EXIT } from '../failure/exit-code.ts'
import { runningProcess } from '../input/ownership-flags.ts'
import { leaseLines, mergeRiskLines } from '../print/lease-lines.ts'
import { plain } from '../print/plain.ts'
import { tone } from '../print/tone.ts'
import { WaitingLine } from '../print/waiting-line.ts'
import { examples, type Define } from '../program/define.ts'
import type { Shell } from '../program/shell.ts'
import { toldByServer } from '../program/tell-server.ts'
import { acquireRequest, takesRequest, unknownKind, type AcquireFlags } from './acquire-request.ts'

/** `acquire`: asks for a lease and answers; who holds it must beat it, for this process is gone at once. */
export const acquire: Define = (command, shell) => {
  takesRequest(command).option('--pid <pid>', 'running process that holds the lease; its death can end the lease early')
  examples(
    command,
    "holdfast acquire api --holder agent-7 --region 'src/api/**' --ttl 90s",
    'holdfast acquire gpu-1 --any-of gpu-2 --any-of gpu-3 --holder trainer --wait 10m --json',
  )
  shell.does(command, async (lane: string, flags: AcquireFlags & { readonly pid?: string }) => {
    const { request, warnings } = await acquireRequest(lane, flags, shell)
    const process = await runningProcess(flags.pid)
    const { kind, wait } = flags
    return answerAcquire(shell, { request: { ...request, process: process ?? null }, warnings, kind, wait })
  })
}

interface Asking {
  readonly request: AcquireRequest
  readonly warnings: readonly string[]
  /** As it was typed. */
  readonly kind?: string | undefined
  readonly wait: string | undefined
}

/** Asks for a lease and gives the answer of `acquire`. */
export async function answerAcquire(shell: Shell, { request, warnings, kind, wait }: Asking): Promise<number> {
  const { lane, holder } = request
  const sent = wait === undefined ? sentAcquire({ ...request, workTree: shell.workTree }) : null
  const served = sent === null ? null : await toldByServer(shell, sent, isAcquireAnswer)
  if (served !== null && 'told' in served) {
    const { answer, nowMs, kinds } = served.told
    return tell(shell, { lane, answer, nowMs, warnings, kindWarnings: unknownKind(kind, kinds) })
  }
  await using ledger = await shell.openLedger({ create: true, sentBefore: served?.lost })
  const outcome = await asked(shell, ledger, request, wait)
  const nowMs = await ledger.now()
  const refused = { ...surroundings(shell, ledger, nowMs), op: 'acquire', lane, asker: holder } as const
  const place = atPlace(shell.which, ledger.url)
  const answer = acquireAnswer(outcome, { ledger, place, refused, nowMs })
  const kindWarnings = unknownKind(kind, Object.keys(ledger.config.kinds))
  return await tell(shell, { lane, answer, nowMs, warnings, kindWarnings })
}

interface Telling {
  readonly lane: string
  readonly answer: AcquireAnswer
  readonly nowMs: EpochMs
  readonly warnings: readonly string[]
  readonly kindWarnings: readonly string[]
}

/** Gives the answer, with what may not have been meant before it. */
async function tell(shell: Shell, { lane, answer: bare, nowMs, warnings, kindWarnings }: Telling): Promise<number> {
  for (const warning of kindWarnings) shell.warn(warning)
  if (!shell.json) for (const warning of warnings) shell.out.remark(`holdfast: ${plain(warning)}`)
  const answer = { ...bare, ...warningsOf([...warnings, ...shell.warnings]) }
  await shell.answer(answer, () => lines(lane, answer, nowMs))
  return exitCodeOf(answer)
}

function isAcquireAnswer(answer: object): answer is AcquireAnswer {
  return 'outcome' in answer && OUTCOMES.some(outcome => outcome === answer.outcome)
}

const OUTCOMES: readonly AcquireAnswer['outcome'][] = ['granted', 'refused', 'ended', 'queue-full']

function warningsOf(warnings: readonly string[]): { warnings?: string[] } {
  return warnings.length === 0 ? {} : { warnings: [...warnings] }
}

/** Asks, and waits if told to: on a terminal with a line that says for whom. */
async function asked(
  shell: Shell,
  ledger: Ledger,
  request: AcquireRequest,
  wait: string | undefined,
): Promise<AcquireOutcome | QueueFull> {
  if (wait === undefined) return ledger.acquire(request)
  using line = new WaitingLine({ lane: request.lane, waitMs: parseDuration(wait, 'wait'), quiet: shell.json })
  const onRefused: WaitOptions['onRefused'] = (refused, nowMs) => line.show(refused, nowMs)
  return await ledger.acquire(request, { wait, signal: shell.interruption.signal(), onRefused })
}

function lines(lane: string, answer: AcquireAnswer, nowMs: number): readonly string[] {
  switch (answer.outcome) {
    case 'granted':
      return [
        ...(answer.leases ?? [answer.lease]).flatMap(lease =>
          leaseLines(tone.good(answer.repeated ? 'granted before' : 'granted'), lease, nowMs),
        ),
        ...mergeRiskLines(answer).map(line => `  ${line}`),
      ]
    case 'refused':
      return refusalLines(lane, answer, nowMs)
    case 'ended':
      return [`${tone.bad('ended')}  ${answer.leaseId}  ${answer.how}`, ...nextLines(answer.next)]
    case 'queue-full':
      return QUEUE_FULL_LINES
  }
}

function exitCodeOf({ outcome }: AcquireAnswer): number {
  if (outcome === 'granted') return EXIT.done
  return outcome === 'queue-full' ? EXIT.unavailable : EXIT.refused
}
