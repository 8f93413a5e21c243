import {
  HealthEvidence,
  Holder,
  Lane,
  LeaseId,
  LivenessEvidence,
  PresenceEvidence,
  ReapEvidence,
  Token,
} from '@holdfast/core'
import { Instant } from '@holdfast/projections'
import * as z from 'zod'

const judgement = { basis: z.string(), reason: z.string() }

/** Answer of `judge liveness`. */
export const LivenessJudgement = z.object({
  verdict: z.enum(['WAITING', 'ADVANCING', 'SPINNING', 'STALLED']),
  ...judgement,
  evidence: LivenessEvidence,
})
export type LivenessJudgement = Readonly<z.infer<typeof LivenessJudgement>>

/** Answer of `judge health`. */
export const HealthJudgement = z.object({
  verdict: z.enum(['LIVE', 'ORPHANED_WORKING', 'STALLED', 'DEAD']),
  ...judgement,
  evidence: HealthEvidence,
})
export type HealthJudgement = Readonly<z.infer<typeof HealthJudgement>>

/** Answer of `judge presence`. */
export const PresenceJudgement = z.object({
  verdict: z.enum(['FRESH', 'STALE', 'ORPHAN']),
  ...judgement,
  evidence: PresenceEvidence,
})
export type PresenceJudgement = Readonly<z.infer<typeof PresenceJudgement>>

/** Answer of `judge reap`. */
export const ReapJudgement = z.looseObject({
  verdict: z.enum(['leave', 'propose-halt', 'adopt', 'claim', 'evict']),
  ...judgement,
  evidence: ReapEvidence,
})
export type ReapJudgement = Readonly<z.infer<typeof ReapJudgement>>

/** One line of `judge --over`: what a lease was judged from an instant on. */
export const AdjudicatedLine = z.object({
  revision: z.int().min(-1),
  at: Instant,
  lane: Lane,
  leaseId: LeaseId,
  holder: Holder,
  token: Token,
  verdict: z.string(),
  ...judgement,
  evidence: z.unknown(),
})
export type AdjudicatedLine = Readonly<z.infer<typeof AdjudicatedLine>>

/** Input of `overlap --stdin`, one a line. */
export const OverlapInput = z.object({ a: z.array(z.string()), b: z.array(z.string()) })
export type OverlapInput = Readonly<z.infer<typeof OverlapInput>>

/** Answer of `overlap`: `witness` is a path that both cover; `bounded`: not decided within bounds, so it counts as one. */
export const OverlapAnswer = z.object({
  overlap: z.boolean(),
  witness: z.string().optional(),
  bounded: z.literal(true).optional(),
})
export type OverlapAnswer = Readonly<z.infer<typeof OverlapAnswer>>
