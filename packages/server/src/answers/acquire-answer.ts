import type { AcquireOutcome, EpochMs } from '@holdfast/core'
import type { QueueFull } from '@holdfast/engine/lean'
import type { AnsweredLedger } from './answered-ledger.ts'
import { atLedger } from './at-ledger.ts'
import { leaseAnswer } from './lease-answer.ts'
import { newRequestStep, type RefusedRequest } from './next-steps.ts'
import { refusedAnswer } from './refused-answer.ts'
import type { AcquireAnswer } from './schemas/acquire.ts'
import type { AtPlace } from './schemas/at-ledger.ts'

interface Answering {
  readonly ledger: AnsweredLedger
  readonly place: AtPlace
  readonly refused: RefusedRequest
  readonly nowMs: EpochMs
}

/** What a request for a lease came to, in the form of the answers. */
export function acquireAnswer(
  outcome: AcquireOutcome | QueueFull,
  { ledger, place, refused, nowMs }: Answering,
): AcquireAnswer {
  const at = { ...atLedger(ledger), ...place }
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
      return { ...at, ...refusedAnswer(outcome, refused) }
    case 'ended':
      return { ...at, ...outcome, next: [newRequestStep('that lease has ended: ask with a new request id', refused)] }
    case 'queue-full':
      return { ...at, ...outcome }
    case 'blocked':
      throw new Error(outcome.message)
  }
}
