import type { Configuration, CountedTimes, Lease, ReapClaim, ReapEvidence, ReapStreak, Token } from '@holdfast/core'
import type { ReapInput } from '@holdfast/core/internal'

/** What gate and effect are told about the work that ended. */
export interface ReapUnit {
  readonly lease: Lease
  /** Names the effect: the same for everybody who takes it over after a crash. */
  readonly key: ReapClaim['key']
  readonly cause: ReapClaim['cause']
  readonly exit: ReapClaim['exit']
  readonly attempt: number
}

/** Work that ended for good, without success. */
export interface FailedWork {
  /** As it was before it was ended. */
  readonly lease: Lease
  readonly cause: ReapClaim['cause']
  readonly exit: ReapClaim['exit']
  readonly attempt: number
  /** Names the effect that ran for it; `null` when it was ended without a claim. */
  readonly key: ReapClaim['key'] | null
  /** Why, in a sentence. */
  readonly reason: string
}

/** What a gate is given besides the unit. */
export interface GateContext {
  /** Fencing token of the claim under which it is asked. */
  readonly token: Token
  /** Aborts when the claim is lost: the answer counts no more. */
  readonly signal: AbortSignal
}

type GateAnswer = 'green' | 'red' | 'unknown'

/** Whether the work of a lease that ended with 0 was good; read-only. `unknown`: it could not tell. */
export type Gate = (unit: ReapUnit, context: GateContext) => GateAnswer | Promise<GateAnswer>

/** What a reaper knows of a lease at one tick, as the pure planner wants it. */
export function reapInput(
  lease: Lease,
  at: {
    readonly nowMs: number
    /** The lease's instants as the reaper may count on them: by others it would plan what is then refused. */
    readonly times: CountedTimes
    readonly config: Configuration
    readonly evidence: ReapEvidence
    readonly streak: ReapStreak | null
    readonly hasEffect: boolean
    readonly maxTickGapMs: number
    readonly alreadyAdvanced: boolean
  },
): ReapInput {
  const { nowMs, times, config, evidence, streak } = at
  return {
    lease: {
      token: lease.token,
      bound: lease.process !== null,
      lastBeatAgeMs: nowMs - times.lastBeatAtMs,
      graceMs: lease.graceMs,
      exit:
        lease.exit === null || times.exitAtMs === null ? null : { ...lease.exit.status, ageMs: nowMs - times.exitAtMs },
      ownedForMs: nowMs - times.ownedSinceMs,
      expired: nowMs >= times.expiresAtMs,
      orphanGraceOver: nowMs >= times.orphanUntilMs,
      children: lease.children.length,
      reap: lease.reap,
      attempt: lease.attempt,
      maxAttempts: lease.maxAttempts,
      claim: lease.claim,
      alreadyAdvanced: at.alreadyAdvanced,
    },
    evidence,
    streak,
    policy: {
      probeCount: config.probeCount,
      maxTickGapMs: at.maxTickGapMs,
      finalisationGraceMs: config.finalisationGraceMs,
      ageCeilingMs: config.ageCeilingMs,
      effectAttempts: config.effectAttempts,
      hasEffect: at.hasEffect,
    },
  }
}
