import * as z from 'zod'
import { ProcessStatus } from '../process-identity.ts'
import { spanText } from '../span-text.ts'
import type { Judgement } from './judgement.ts'

/**
 * A heartbeat file: age of its last refresh in ms (below 0: its stamp lies ahead), what a probe says of the process it
 * names, and whether it was torn, so that the age is that of the file.
 */
export const PresenceEvidence = z.object({ ageMs: z.int(), process: ProcessStatus, torn: z.boolean() })
export type PresenceEvidence = z.infer<typeof PresenceEvidence>

/** `staleMs`: the oldest refresh that still counts. */
export const PresencePolicy = z.object({ staleMs: z.int().nonnegative() })
export type PresencePolicy = z.infer<typeof PresencePolicy>

/** What `holdfast judge presence` takes: the evidence's fields, and `policy`. */
export const PresenceInput = z.object({ ...PresenceEvidence.shape, policy: PresencePolicy })
export type PresenceInput = z.infer<typeof PresenceInput>

export type PresenceVerdict = 'FRESH' | 'STALE' | 'ORPHAN'
export type PresenceBasis = 'old' | 'in-future' | 'process-dead' | 'recent'
export type Presence = Judgement<PresenceVerdict, PresenceBasis, PresenceEvidence>

/**
 * Is somebody behind this heartbeat file? STALE when its refresh is older than `staleMs` or lies in the future, which wins;
 * ORPHAN when its process is confidently dead; else FRESH. An unknown process is not dead.
 */
export const presence = ({ ageMs, process, torn, policy }: PresenceInput): Presence => {
  const evidence: PresenceEvidence = { ageMs, process, torn }
  const answer = (verdict: PresenceVerdict, basis: PresenceBasis, reason: string): Presence => ({
    verdict,
    basis,
    reason,
    evidence,
  })

  if (ageMs > policy.staleMs)
    return answer('STALE', 'old', `refreshed ${spanText(ageMs)} ago, more than ${spanText(policy.staleMs)}`)
  if (ageMs < 0) return answer('STALE', 'in-future', `refreshed ${spanText(-ageMs)} in the future`)
  if (process === 'dead')
    return answer('ORPHAN', 'process-dead', `refreshed ${spanText(ageMs)} ago, but the process is dead`)
  return answer('FRESH', 'recent', `refreshed ${spanText(ageMs)} ago`)
}
