import * as z from 'zod'
import { spanText } from '../span-text.ts'
import type { Judgement } from './judgement.ts'

/** What a holder was seen to do beside its beats: something, nothing, or nobody could tell. */
export const HealthActivity = z.enum(['seen', 'quiet', 'unknown'])
export type HealthActivity = z.infer<typeof HealthActivity>

/** Age of the newest beat in ms (`null`: there was none; below 0: its stamp lies ahead) and activity. */
export const HealthEvidence = z.object({ heartbeatAgeMs: z.int().nullable(), activity: HealthActivity })
export type HealthEvidence = z.infer<typeof HealthEvidence>

/** `stallMs`: the oldest beat that counts as fresh. `ttlMs`: past this a claim is dead. */
export const HealthPolicy = z
  .object({ stallMs: z.int().nonnegative(), ttlMs: z.int().nonnegative() })
  .refine(({ stallMs, ttlMs }) => stallMs <= ttlMs, { error: 'stallMs must not exceed ttlMs', path: ['stallMs'] })
export type HealthPolicy = z.infer<typeof HealthPolicy>

/** What `holdfast judge health` takes: the evidence's fields, and `policy`. */
export const HealthInput = z.object({ ...HealthEvidence.shape, policy: HealthPolicy })
export type HealthInput = z.infer<typeof HealthInput>

export type HealthVerdict = 'LIVE' | 'ORPHANED_WORKING' | 'STALLED' | 'DEAD'
export type HealthBasis = 'no-beat' | 'past-ttl' | 'fresh-beat' | 'quiet' | 'activity-seen' | 'activity-unknown'
export type Health = Judgement<HealthVerdict, HealthBasis, HealthEvidence>

/**
 * How does a claim look? The first that holds: DEAD without a beat or past `ttlMs`; LIVE with a beat of an age from 0 to
 * `stallMs`; STALLED when the holder is quiet; ORPHANED_WORKING when it was seen working without beating, or nobody knows.
 *
 * DEAD speaks of the claim's age and reaps nothing by itself. A beat from the future is not fresh.
 * The rule reproduces every reference vector in test/vectors.
 */
export const health = ({ heartbeatAgeMs, activity, policy }: HealthInput): Health => {
  const evidence: HealthEvidence = { heartbeatAgeMs, activity }
  const answer = (verdict: HealthVerdict, basis: HealthBasis, reason: string): Health => ({
    verdict,
    basis,
    reason,
    evidence,
  })

  if (heartbeatAgeMs === null) return answer('DEAD', 'no-beat', 'no beat was ever seen')
  const age =
    heartbeatAgeMs < 0 ? `lies ${spanText(-heartbeatAgeMs)} in the future` : `is ${spanText(heartbeatAgeMs)} old`
  if (heartbeatAgeMs > policy.ttlMs)
    return answer('DEAD', 'past-ttl', `the beat ${age}, past the TTL of ${spanText(policy.ttlMs)}`)
  if (heartbeatAgeMs >= 0 && heartbeatAgeMs <= policy.stallMs) return answer('LIVE', 'fresh-beat', `the beat ${age}`)
  if (activity === 'quiet') return answer('STALLED', 'quiet', `the beat ${age} and nothing else was seen`)
  if (activity === 'seen') return answer('ORPHANED_WORKING', 'activity-seen', `the beat ${age}, but work was seen`)
  return answer('ORPHANED_WORKING', 'activity-unknown', `the beat ${age}, and whether work goes on is not known`)
}
