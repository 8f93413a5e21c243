export {
  health,
  HealthEvidence,
  HealthInput,
  HealthPolicy,
  type Health,
  type HealthBasis,
  type HealthVerdict,
} from './health.ts'
export type { Judgement } from './judgement.ts'
export {
  liveness,
  LivenessEvidence,
  LivenessInput,
  LivenessPolicy,
  type Liveness,
  type LivenessBasis,
  type LivenessVerdict,
} from './liveness.ts'
export { dispositionOf, planReap, type ReapBasis, type ReapPlan, type ReapVerdict } from './plan-reap.ts'
export {
  presence,
  PresenceEvidence,
  PresenceInput,
  PresencePolicy,
  type Presence,
  type PresenceBasis,
  type PresenceVerdict,
} from './presence.ts'
export { ReapEvidence, ReapInput, ReapLease, ReapPolicy, ReapProgress, ReapStreak } from './reap-input.ts'
