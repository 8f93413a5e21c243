import * as fc from 'fast-check'
import type {
  Health,
  HealthInput,
  Liveness,
  LivenessInput,
  Presence,
  PresenceInput,
  ReapInput,
  ReapPlan,
} from '../../packages/core/src/verdict/index.ts'
import { someHealth, someLiveness, somePresence, someReap } from './arbitraries.ts'

/** The four judgements; the laws below take any, so that wrong ones can be held to them as well. */
export type Judges = {
  readonly liveness: (input: LivenessInput) => Liveness
  readonly health: (input: HealthInput) => Health
  readonly presence: (input: PresenceInput) => Presence
  readonly planReap: (input: ReapInput) => ReapPlan
}

/** A law: whether it holds of these judges, over `runs` random inputs. */
export type SafeDirection = (judges: Judges, runs: number) => boolean

const holds = <Input>(input: fc.Arbitrary<Input>, law: (input: Input) => boolean, numRuns: number): boolean =>
  !fc.check(fc.property(input, law), { numRuns }).failed

const LIVENESS_RANK = { WAITING: 0, ADVANCING: 0, SPINNING: 1, STALLED: 2 } as const
const HEALTH_RANK = { LIVE: 0, ORPHANED_WORKING: 1, STALLED: 2, DEAD: 3 } as const
const PRESENCE_RANK = { FRESH: 0, ORPHAN: 1, STALE: 1 } as const
const REAP_RANK = { leave: 0, 'propose-halt': 1, adopt: 2, claim: 3, evict: 3 } as const

const ends = ({ verdict }: ReapPlan): boolean => verdict === 'evict' || verdict === 'claim'

export const unknownNeverReaps: SafeDirection = ({ planReap, presence }, runs) =>
  holds(
    someReap(),
    input => {
      const plan = planReap({ ...input, evidence: { ...input.evidence, process: 'unknown' } })
      const children = planReap({
        ...input,
        lease: { ...input.lease, children: 1 },
        evidence: { ...input.evidence, children: [] },
      })
      return plan.streak === null && plan.tier !== 1 && children.streak === null && children.tier !== 1
    },
    runs,
  ) && holds(somePresence(), input => presence({ ...input, process: 'unknown' }).verdict !== 'ORPHAN', runs)

export const aDeadProcessOnlyDemotes: SafeDirection = ({ liveness, presence, planReap }, runs) =>
  holds(
    someLiveness(),
    input => {
      const rank = (processAlive: boolean | null): number =>
        LIVENESS_RANK[liveness({ ...input, evidence: { ...input.evidence, processAlive } }).verdict]
      return rank(false) >= rank(null) && rank(null) >= rank(true)
    },
    runs,
  ) &&
  holds(
    somePresence(),
    input => {
      const rank = (process: PresenceInput['process']): number => PRESENCE_RANK[presence({ ...input, process }).verdict]
      return rank('dead') >= rank('unknown') && rank('unknown') >= rank('alive')
    },
    runs,
  ) &&
  holds(
    someReap(),
    input => {
      const rank = (process: 'alive' | 'dead' | 'unknown'): number =>
        REAP_RANK[planReap({ ...input, evidence: { ...input.evidence, process } }).verdict]
      return rank('dead') >= rank('unknown') && rank('unknown') >= rank('alive')
    },
    runs,
  )

export const aBeatFromTheFutureIsNotFresh: SafeDirection = ({ liveness, health, presence }, runs) =>
  holds(
    someLiveness(),
    input => {
      const future = { ...input.evidence, heartbeatAgeMs: -1 }
      const { verdict, basis } = liveness({ ...input, evidence: future })
      return basis === 'delta' || verdict === 'STALLED'
    },
    runs,
  ) &&
  holds(someHealth(), input => health({ ...input, heartbeatAgeMs: -1 }).verdict !== 'LIVE', runs) &&
  holds(somePresence(), input => presence({ ...input, ageMs: -1 }).verdict !== 'FRESH', runs)

export const moreLifeNeverMakesWorse: SafeDirection = ({ liveness, health, planReap }, runs) =>
  holds(
    someLiveness(),
    input => {
      const rank = (change: Partial<LivenessInput['evidence']>): number =>
        LIVENESS_RANK[liveness({ ...input, evidence: { ...input.evidence, ...change } }).verdict]
      return (
        rank({ commitsSinceStart: 1 }) <= rank({}) &&
        rank({ workEventsSinceStart: 1 }) <= rank({}) &&
        rank({ heartbeatAgeMs: 0 }) <= rank({})
      )
    },
    runs,
  ) &&
  holds(
    someHealth(),
    input => {
      const rank = (change: Partial<HealthInput>): number => HEALTH_RANK[health({ ...input, ...change }).verdict]
      return (
        rank({ heartbeatAgeMs: 0 }) <= rank({}) &&
        rank({ activity: 'seen' }) <= rank({ activity: 'unknown' }) &&
        rank({ activity: 'unknown' }) <= rank({ activity: 'quiet' })
      )
    },
    runs,
  ) &&
  holds(
    someReap(),
    input => {
      const rank = (change: Partial<ReapInput['lease']>): number =>
        REAP_RANK[planReap({ ...input, lease: { ...input.lease, ...change } }).verdict]
      const child = planReap({
        ...input,
        lease: { ...input.lease, children: 1 },
        evidence: { ...input.evidence, children: ['alive'] },
      })
      return rank({ lastBeatAgeMs: 0 }) <= rank({}) && rank({ expired: false }) <= rank({}) && !ends(child)
    },
    runs,
  )

export const spinningIsNeverEnded: SafeDirection = ({ planReap }, runs) =>
  holds(
    someReap(),
    input => planReap({ ...input, evidence: { ...input.evidence, spinning: true } }).verdict === 'propose-halt',
    runs,
  )

export const aStreakNeedsAnUnbrokenWatch: SafeDirection = ({ planReap }, runs) =>
  holds(
    someReap(),
    input => {
      const { streak } = input
      const after = planReap(input).streak
      if (after === null) return true
      const gapMs = streak === null ? Number.POSITIVE_INFINITY : input.evidence.nowMs - streak.atMs
      const watched =
        streak !== null && streak.token === input.lease.token && gapMs >= 0 && gapMs <= input.policy.maxTickGapMs
      return (
        after.token === input.lease.token && after.deadTicks <= (watched ? streak.deadTicks + (gapMs > 0 ? 1 : 0) : 1)
      )
    },
    runs,
  )

export const SAFE_DIRECTIONS: Readonly<Record<string, SafeDirection>> = {
  'unknown never reaps': unknownNeverReaps,
  'a dead process only demotes': aDeadProcessOnlyDemotes,
  'a beat from the future is not fresh': aBeatFromTheFutureIsNotFresh,
  'more evidence of life never makes a verdict worse': moreLifeNeverMakesWorse,
  'a spinning run is never ended': spinningIsNeverEnded,
  'a streak needs an unbroken watch under one token': aStreakNeedsAnUnbrokenWatch,
}
