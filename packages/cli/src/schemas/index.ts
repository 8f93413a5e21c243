export { AcquireAnswer, RunAnswer } from './acquire.ts'
export { AdoptAnswer, CheckAnswer, HeartbeatAnswer, ReleaseAnswer, ScavengeAnswer, IntentAnswer } from './held-lease.ts'
export { BeatLine, PresenceAnswer } from './presence.ts'
export { ConfigAnswer, InitAnswer, StatusAnswer, VerifyAnswer, RepairAnswer, DoctorAnswer, InTheWay } from './ledger.ts'
export { FailureAnswer } from './at-ledger.ts'
export { GuardAnswer, GuardInstallAnswer } from './guard.ts'
export { HistoryAnswer, LogLine, WhyAnswer } from './why.ts'
export {
  AdjudicatedLine,
  HealthJudgement,
  LivenessJudgement,
  PresenceJudgement,
  ReapJudgement,
  OverlapAnswer,
  OverlapInput,
} from './judge.ts'
export { LeasesAnswer, DiffAnswer, WaitAnswer, LivenessAnswer } from './questions.ts'
export {
  ArchiveAnswer,
  BackupAnswer,
  CompactAnswer,
  ExportAnswer,
  HistorySpanJson,
  ImportAnswer,
  MoveAnswer,
  RestoreAnswer,
} from './maintenance.ts'
export { NextAction, NextStep } from './next-step.ts'
export { BlockerJson, Refused } from './refused.ts'
export { ReapLine } from './reap.ts'
export { LocalConfiguration, localConfigurationJsonSchema } from './local-configuration.ts'
