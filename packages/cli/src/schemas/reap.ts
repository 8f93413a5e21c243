import { EndCause, LeaseId, ReapEvidence, Token } from '@holdfast/core'
import { Instant } from '@holdfast/projections'
import * as z from 'zod'

/** One line of `reap`: what was decided about one lease, on which evidence, and what became of it. */
export const ReapLine = z.object({
  at: Instant,
  leaseId: LeaseId,
  lane: z.string(),
  /** Of the lease as it was found. */
  token: Token,
  verdict: z.enum(['leave', 'propose-halt', 'adopt', 'claim', 'evict']),
  basis: z.string(),
  tier: z.int().min(1).max(4).nullable(),
  cause: EndCause.nullable(),
  reason: z.string(),
  forced: z.boolean(),
  runsEffect: z.boolean(),
  evidence: ReapEvidence,
  /** Ticks in a row that found its process and all its children dead. */
  deadTicks: z.int().nonnegative(),
  /** `planned`: a dry run. `lost`: somebody else was first. `halt-proposed`: nothing was written. */
  result: z.enum(['planned', 'left', 'reaped', 'halt-proposed', 'halt-recorded', 'lost', 'failed', 'refused']),
  disposition: z.enum(['retry', 'failed', 'done']).nullable(),
  detail: z.string(),
})
export type ReapLine = Readonly<z.infer<typeof ReapLine>>
