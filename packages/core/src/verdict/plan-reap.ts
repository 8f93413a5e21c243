import type { Disposition, EndCause } from '../lease-events.ts'
import { endingGrounds, type EndingGrounds } from '../decide/ending-grounds.ts'
import type { Judgement } from './judgement.ts'
import type { ReapEvidence, ReapInput, ReapLease, ReapStreak } from './reap-input.ts'
import { childrenStatus, nextStreak } from './reap-streak.ts'

/**
 * - `leave`: nothing to do now;
 * - `propose-halt`: record a HALT for someone to enact;
 * - `adopt`: take the lease over and keep it, because recorded children still run;
 * - `claim`: ADOPT with a claim first, then gate and effect under its token, then SCAVENGE with the disposition;
 * - `evict`: one SCAVENGE.
 */
export type ReapVerdict = 'leave' | 'propose-halt' | 'adopt' | 'claim' | 'evict'
/** The tier that holds, or why none does. */
export type ReapBasis = Tier['cause'] | 'spinning' | 'finalising' | 'gate-unknown' | 'no-effect' | 'no-grounds'

/** A ground to end a lease, by number as documented at `planReap`. */
export type Tier = { readonly tier: 1 | 2 | 3 | 4; readonly cause: Exclude<EndCause, 'manual'> }

export type ReapPlan = Judgement<ReapVerdict, ReapBasis, ReapEvidence> & {
  readonly tier: Tier['tier'] | null
  /** The cause to record; under an earlier reaper's claim, that claim's. */
  readonly cause: EndCause | null
  /** How the work ended; null when nothing ends, or while the gate has yet to be asked under the claim. */
  readonly disposition: Exclude<Disposition, 'none'> | null
  /** Whether the ending counts as force, so that the old holder's region drains. */
  readonly forced: boolean
  /** Whether the effect runs; false also when it has failed often enough. */
  readonly runsEffect: boolean
  /** To hand back at the next tick. */
  readonly streak: ReapStreak | null
}

/**
 * What should a reaper do with one lease at this tick? Pure; the streak is data in and out. The first tier that holds:
 * 1. bound, found dead with all its children for `probeCount` consecutive ticks, last beat older than the grace;
 * 2. its exit recorded for longer than the finalisation grace (before that, a holder that finishes is left alone);
 * 3. owned for longer than the ceiling (forced);
 * 4. expired on the log clock; children that are not confidently dead delay it by the orphan grace.
 * Under a reaper's claim only 1 and 4 count, and they take the claim over.
 *
 * Running children make `adopt` of any ending, and a spinning run is proposed for a HALT and never ended. Unknown never
 * counts as dead, and a gate that cannot tell makes nothing of a recorded exit. A lease whose reaping is required stays for a reaper that has
 * the effect.
 */
export const planReap = (input: ReapInput): ReapPlan => {
  const { lease, evidence, policy } = input
  const streak = nextStreak(input)
  const nothing = {
    tier: null,
    cause: null,
    disposition: null,
    forced: false,
    runsEffect: false,
    streak,
    evidence,
  } as const
  if (evidence.spinning) {
    return {
      ...nothing,
      verdict: 'propose-halt',
      basis: 'spinning',
      reason: 'it beats without progress: ask it to stop',
    }
  }
  const tier = tierOf(input, streak)
  if (tier === null) {
    if (gateCannotTell(input)) {
      return {
        ...nothing,
        verdict: 'leave',
        basis: 'gate-unknown',
        reason: 'it ended, but the gate cannot tell whether it succeeded',
      }
    }
    return lease.exit !== null && lease.claim === null
      ? { ...nothing, verdict: 'leave', basis: 'finalising', reason: 'its exit is recorded, it may still be finishing' }
      : { ...nothing, verdict: 'leave', basis: 'no-grounds', reason: 'there is no evidence that it has ended' }
  }
  const cause = lease.claim?.cause ?? tier.cause
  const ending = { ...nothing, ...tier, cause, basis: tier.cause, forced: tier.tier === 3 }
  const why = REASONS[tier.tier]
  if (childrenStatus(input) === 'alive') {
    return { ...ending, verdict: 'adopt', reason: `${why}, but its children run on` }
  }
  if (lease.reap === 'required' && !policy.hasEffect) {
    return {
      ...nothing,
      verdict: 'leave',
      basis: 'no-effect',
      reason: `${why}, but it is left to a reaper that has the effect`,
    }
  }
  if (evidence.effectFailures >= policy.effectAttempts) {
    const verdict = lease.reap === 'required' ? 'claim' : 'evict'
    return {
      ...ending,
      verdict,
      disposition: 'failed',
      reason: `${why}, and its effect failed ${evidence.effectFailures === 1 ? 'once' : `${evidence.effectFailures} times`}`,
    }
  }
  const disposition =
    dispositionOf({ lease, gate: evidence.gate }) ?? (evidence.gate === 'unknown' ? failureOf(lease) : null)
  const runsEffect = policy.hasEffect && !(disposition === 'done' && lease.alreadyAdvanced)
  const claims = runsEffect || disposition === null || lease.reap === 'required'
  return { ...ending, verdict: claims ? 'claim' : 'evict', disposition, runsEffect, reason: why }
}

const REASONS: Readonly<Record<Tier['tier'], string>> = {
  1: 'its process is dead and its last beat is past the grace',
  2: 'its exit has been recorded for longer than the finalisation grace',
  3: 'it has been owned for longer than the ceiling',
  4: 'it has expired',
}

const groundsOf = ({ lease, evidence, policy }: ReapInput, streak: ReapStreak | null): EndingGrounds => {
  const facts = {
    claimed: lease.claim !== null,
    exitForMs: lease.exit === null ? null : lease.exit.ageMs,
    ownedForMs: lease.ownedForMs,
    silentForMs: lease.lastBeatAgeMs,
    graceMs: lease.graceMs,
    expired: lease.expired,
    orphanGraceOver: lease.orphanGraceOver,
    childrenDead: childrenStatus({ lease, evidence }) === 'dead',
    deadProbes: streak?.deadTicks ?? 0,
  }
  return endingGrounds(facts, policy)
}

const tierOf = (input: ReapInput, streak: ReapStreak | null): Tier | null => {
  const grounds = groundsOf(input, streak)
  if (grounds.processDead) return { tier: 1, cause: 'process-dead' }
  if (grounds.exited && !gateCannotTell(input)) return { tier: 2, cause: 'exited' }
  if (grounds.overAge) return { tier: 3, cause: 'age-ceiling' }
  return grounds.expired ? { tier: 4, cause: 'expired' } : null
}

const gateCannotTell = (input: ReapInput): boolean =>
  groundsOf(input, null).exited &&
  input.evidence.gate === 'unknown' &&
  succeeded(input.lease) &&
  !input.lease.alreadyAdvanced

/** Under a claim the exit is the one that the claim keeps: the adoption ended the lease's own. */
const succeeded = ({ claim, exit }: Pick<ReapLease, 'claim' | 'exit'>): boolean => {
  const last = claim?.exit ?? exit
  return last?.code === 0 && last.signal === null
}

const failureOf = ({ attempt, maxAttempts }: Pick<ReapLease, 'attempt' | 'maxAttempts'>): 'retry' | 'failed' =>
  attempt < maxAttempts ? 'retry' : 'failed'

/**
 * How the work of a lease that ends has ended: `done` for an exit of 0 that already moved on or whose gate is green (or
 * that has no gate); null while the gate is to be asked or cannot tell; else `retry` while attempts are left, and `failed`.
 */
export const dispositionOf = ({
  lease,
  gate,
}: {
  readonly lease: Pick<ReapLease, 'claim' | 'exit' | 'alreadyAdvanced' | 'attempt' | 'maxAttempts'>
  readonly gate: ReapEvidence['gate']
}): ReapPlan['disposition'] => {
  if (!succeeded(lease)) return failureOf(lease)
  if (lease.alreadyAdvanced || gate === 'green' || gate === 'none') return 'done'
  return gate === 'red' ? failureOf(lease) : null
}
