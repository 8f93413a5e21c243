import { Holder, Lane, LeaseId, Token, WorkTree } from '@holdfast/core'
import { MERGE_RISKS_MAX } from '@holdfast/core/internal'
import { LeaseJson } from '@holdfast/projections'
import * as z from 'zod'
import { atLedger, atPlace, warnings } from './at-ledger.ts'
import { NextStep } from './next-step.ts'
import { QueueFull, Refused } from './refused.ts'

/** Somebody works in another work tree on what was granted: the changes meet when the branches are merged. */
export const MergeRiskJson = z.object({
  leaseId: LeaseId,
  token: Token,
  lane: Lane,
  holder: Holder,
  workTree: WorkTree,
  /** A path that both cover, where one was found. */
  witness: z.string().optional(),
  /** The search for one was given up at its bound. */
  bounded: z.literal(true).optional(),
})
export type MergeRiskJson = z.infer<typeof MergeRiskJson>

const Granted = z.object({
  outcome: z.literal('granted'),
  lease: LeaseJson,
  /** With `--all-of`: all of them, `lease` first. */
  leases: z.array(LeaseJson).optional(),
  /** The grant of an earlier, equal request: no deadline moved. */
  repeated: z.boolean(),
  /** Expired leases that made way. */
  evicted: z.array(z.object({ leaseId: LeaseId, token: Token })),
  /** Overlaps with leases of other work trees, where those are apart; `moreMergeRisks` counts what is not named. */
  mergeRisks: z.array(MergeRiskJson).max(MERGE_RISKS_MAX),
  moreMergeRisks: z.int().nonnegative(),
})

/** The request id was granted once, and that lease has ended (exit 3). */
const Ended = z.object({
  outcome: z.literal('ended'),
  how: z.enum(['released', 'evicted', 'adopted', 'expired']),
  leaseId: LeaseId,
  token: Token,
  next: z.array(NextStep),
})

/** Answer of `acquire`. */
export const AcquireAnswer = z
  .discriminatedUnion('outcome', [Granted, Refused, Ended, QueueFull])
  .and(z.object({ ...atLedger, ...atPlace, warnings }))
export type AcquireAnswer = Readonly<z.infer<typeof AcquireAnswer>>
