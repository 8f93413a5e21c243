import * as z from 'zod'
import { spanText } from '../span-text.ts'
import type { Judgement } from './judgement.ts'

/**
 * What a run shows. All times in ms on one clock. Work events are facts (commits, files changed, the run's own releases and
 * acquires), never what a beat says of itself. `processAlive: null` and `heartbeatAgeMs: null` mean not known, no beat.
 */
export const LivenessEvidence = z.object({
  runStartedMs: z.int(),
  nowMs: z.int(),
  commitsSinceStart: z.int().nonnegative(),
  workEventsSinceStart: z.int().nonnegative(),
  heartbeatAgeMs: z.int().nullable(),
  processAlive: z.boolean().nullable(),
  /** Since when the holder is known to wait for a human; `null` and absent: nothing says so. */
  waitingSinceMs: z.int().nullable().optional(),
})
export type LivenessEvidence = z.infer<typeof LivenessEvidence>

/** `graceMs`: how long a young run may show nothing. `spinMs`: the oldest beat that still counts as one. Independent of each other. */
export const LivenessPolicy = z.object({
  graceMs: z.int().nonnegative(),
  spinMs: z.int().nonnegative(),
})
export type LivenessPolicy = z.infer<typeof LivenessPolicy>

/** What `holdfast judge liveness` takes. */
export const LivenessInput = z.object({ evidence: LivenessEvidence, policy: LivenessPolicy })
export type LivenessInput = z.infer<typeof LivenessInput>

export type LivenessVerdict = 'WAITING' | 'ADVANCING' | 'SPINNING' | 'STALLED'
export type LivenessBasis =
  | 'waiting'
  | 'delta'
  | 'process-gone'
  | 'no-beat'
  | 'beat-in-future'
  | 'beat-old'
  | 'within-grace'
  | 'no-delta'
export type Liveness = Judgement<LivenessVerdict, LivenessBasis, LivenessEvidence>

/**
 * Is a run moving? The first that holds:
 * - WAITING (`waiting`): its holder has said that it waits for a human, and its process is not known to be gone. Silence
 *   never says so, and a wait from the future is no word at all;
 * - ADVANCING (`delta`): it produced something, even if its process is gone by now;
 * - STALLED (`process-gone`, `no-beat`, `beat-in-future`, `beat-old`): nobody is there, or no trustworthy beat says so;
 * - ADVANCING (`within-grace`): it is young;
 * - SPINNING (`no-delta`): it beats and produces nothing.
 *
 * Pure and total on validated input. An unknown process (`null`) neither stalls a run nor saves it.
 * The rule reproduces every reference vector in test/vectors, none of which knows of waiting.
 */
export const liveness = ({ evidence, policy }: LivenessInput): Liveness => {
  const { commitsSinceStart, workEventsSinceStart, heartbeatAgeMs, processAlive } = evidence
  const answer = (verdict: LivenessVerdict, basis: LivenessBasis, reason: string): Liveness => ({
    verdict,
    basis,
    reason,
    evidence,
  })
  const ranForMs = evidence.nowMs - evidence.runStartedMs

  const waitedMs = waitOf(evidence)
  if (waitedMs !== null) {
    return answer('WAITING', 'waiting', `it waits for a human, for ${spanText(waitedMs)} so far`)
  }
  if (commitsSinceStart > 0 || workEventsSinceStart > 0) {
    return answer(
      'ADVANCING',
      'delta',
      `${counted(commitsSinceStart, 'commit')} and ${counted(workEventsSinceStart, 'other sign')} of work since the start`,
    )
  }
  if (processAlive === false) return answer('STALLED', 'process-gone', 'the process is gone and left nothing')
  if (heartbeatAgeMs === null) return answer('STALLED', 'no-beat', 'no beat was ever seen')
  if (heartbeatAgeMs < 0)
    return answer('STALLED', 'beat-in-future', `the beat lies ${spanText(-heartbeatAgeMs)} in the future`)
  if (heartbeatAgeMs > policy.spinMs) {
    return answer(
      'STALLED',
      'beat-old',
      `the beat is ${spanText(heartbeatAgeMs)} old, more than ${spanText(policy.spinMs)}`,
    )
  }
  if (ranForMs < policy.graceMs) {
    return answer(
      'ADVANCING',
      'within-grace',
      `it ran for ${spanText(ranForMs)}, less than the grace of ${spanText(policy.graceMs)}`,
    )
  }
  return answer('SPINNING', 'no-delta', `it beats, but produced nothing in ${spanText(ranForMs)}`)
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** How long it has waited; `null`: it does not, or nobody is there to wait. */
function waitOf({ waitingSinceMs, nowMs, processAlive }: LivenessEvidence): number | null {
  if (waitingSinceMs === undefined || waitingSinceMs === null || waitingSinceMs > nowMs) return null
  return processAlive === false ? null : nowMs - waitingSinceMs
}
