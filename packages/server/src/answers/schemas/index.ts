export { AcquireAnswer, MergeRiskJson } from './acquire.ts'
export { atLedger, atPlace, type AtPlace, warnings } from './at-ledger.ts'
export {
  AdoptAnswer,
  CheckAnswer,
  HeartbeatAnswer,
  IntentAnswer,
  PendingHalt,
  ReleaseAnswer,
  ReleaseSessionAnswer,
  ScavengeAnswer,
} from './held-lease.ts'
export { NextAction, NextStep } from './next-step.ts'
export { DiffAnswer, LeasesAnswer, LivenessAnswer, WaitAnswer } from './questions.ts'
export { BlockerJson, Refused } from './refused.ts'
export { ServerJson, StatusAnswer, VerifyAnswer } from './status.ts'
export { HistoryAnswer, LogLine, WhyAnswer } from './why.ts'
