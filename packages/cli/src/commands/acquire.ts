import type { AcquireOutcome, EpochMs } from '@holdfast/core'
import type { Ledger, QueueFull } from '@holdfast/engine/lean'
import { atLedger } from '../answer/at-ledger.ts'
import { leaseAnswer } from '../answer/lease-answer.ts'
import { refusedAnswer } from '../answer/refused-answer.ts'
import { runningProcess } from '../input/running-process.ts'
import { leaseLines } from '../print/lease-lines.ts'
import { mergeRiskLines } from '../print/merge-risk-lines.ts'
import { QUEUE_FULL_LINES } from '../print/not-held-lines.ts'
import { refusalLines } from '../print/refusal-lines.ts'
import { tone } from '../print/tone.ts'
import { examples } from '../program/examples.ts'
import { EXIT } from '../program/exit-code.ts'
import type { AcquireAnswer } from '../schemas/acquire.ts'
import { acquireRequest, takesRequest, type AcquireFlags } from './acquire-request.ts'
import type { Define } from './define.ts'

/** `acquire`: asks for a lease and answers; who holds it must beat it, for this process is gone at once. */
export const acquire: Define = (command, shell) => {
  takesRequest(command).option('--pid <pid>', 'running process that it is bound to')
  examples(
    command,
    "holdfast acquire api --holder agent-7 --region 'src/api/**' --ttl 90s",
    'holdfast acquire gpu-1 --any-of gpu-2 --any-of gpu-3 --holder trainer --wait 10m --json',
  )
  shell.does(command, async (lane: string, flags: AcquireFlags & { readonly pid?: string }) => {
    const request = await acquireRequest(lane, flags, shell.reason)
    const process = await runningProcess(flags.pid)
    await using ledger = await shell.openLedger({ create: true })
    const wait = flags.wait === undefined ? {} : { wait: flags.wait, signal: shell.interruption.signal() }
    const outcome = await ledger.acquire({ ...request, process: process ?? null }, wait)
    const nowMs = await ledger.now()
    await shell.answer(answerOf(outcome, ledger, nowMs), answer => lines(lane, answer, nowMs))
    return exitCodeOf(outcome)
  })
}

function answerOf(outcome: AcquireOutcome | QueueFull, ledger: Ledger, nowMs: EpochMs): AcquireAnswer {
  const at = atLedger(ledger)
  switch (outcome.outcome) {
    case 'granted': {
      const { lease, leases, repeated, mergeRisks, moreMergeRisks } = outcome
      const all = leases.length === 1 ? {} : { leases: leases.map(each => leaseAnswer(each, ledger, nowMs)) }
      return {
        ...at,
        outcome: 'granted',
        lease: leaseAnswer(lease, ledger, nowMs),
        ...all,
        repeated,
        evicted: [...outcome.evicted],
        mergeRisks: [...mergeRisks],
        moreMergeRisks,
      }
    }
    case 'refused':
      return { ...at, ...refusedAnswer(outcome) }
    case 'ended':
    case 'queue-full':
      return { ...at, ...outcome }
    case 'blocked':
      throw new Error(outcome.message)
  }
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
      return [`${tone.bad('ended')}  ${answer.leaseId}  ${answer.how}; ask again with a new request id`]
    case 'queue-full':
      return QUEUE_FULL_LINES
  }
}

function exitCodeOf({ outcome }: AcquireOutcome | QueueFull): number {
  if (outcome === 'granted') return EXIT.done
  return outcome === 'queue-full' ? EXIT.unavailable : EXIT.refused
}
