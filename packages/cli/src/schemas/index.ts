export { AcquireAnswer } from './acquire.ts'
export { AdoptAnswer } from './adopt.ts'
export { BeatLine } from './beat.ts'
export { CheckAnswer } from './check.ts'
export { ConfigAnswer, InitAnswer } from './config.ts'
export { FailureAnswer } from './failure.ts'
export { GuardAnswer, GuardInstallAnswer } from './guard.ts'
export { HeartbeatAnswer } from './heartbeat.ts'
export { HistoryAnswer } from './history.ts'
export { IntentAnswer } from './intent.ts'
export { AdjudicatedLine, HealthJudgement, LivenessJudgement, PresenceJudgement, ReapJudgement } from './judge.ts'
export { LeasesAnswer } from './leases.ts'
export { LivenessAnswer } from './liveness.ts'
export { LogLine } from './log.ts'
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
export { OverlapAnswer, OverlapInput } from './overlap.ts'
export { BlockerJson, Refused } from './refused.ts'
export { PresenceAnswer } from './presence.ts'
export { ReapLine } from './reap.ts'
export { ReleaseAnswer } from './release.ts'
export { RepairAnswer } from './repair.ts'
export { RunAnswer } from './run.ts'
export { ScavengeAnswer } from './scavenge.ts'
export { StatusAnswer } from './status.ts'
export { VerifyAnswer } from './verify.ts'
export { DoctorAnswer, InTheWay } from './doctor.ts'
export { DiffAnswer, WaitAnswer } from './questions.ts'
export { WhyAnswer } from './why.ts'
export { LocalConfiguration, localConfigurationJsonSchema } from './local-configuration.ts'
