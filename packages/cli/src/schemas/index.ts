export {
  AcquireAnswer,
  AdoptAnswer,
  BlockerJson,
  CheckAnswer,
  DiffAnswer,
  HeartbeatAnswer,
  HistoryAnswer,
  IntentAnswer,
  LeasesAnswer,
  LivenessAnswer,
  LogLine,
  NextAction,
  NextStep,
  Refused,
  ReleaseAnswer,
  ReleaseSessionAnswer,
  ScavengeAnswer,
  StatusAnswer,
  VerifyAnswer,
  WaitAnswer,
  WhyAnswer,
} from '@holdfast/server/schemas'
export { BeatLine, PresenceAnswer } from './presence.ts'
export { ConfigAnswer, DoctorAnswer, InitAnswer, InTheWay, RepairAnswer } from './ledger.ts'
export { FailureAnswer } from './failure.ts'
export { GuardAfterAnswer, GuardAnswer, GuardInstallAnswer } from './guard.ts'
export {
  AdjudicatedLine,
  HealthJudgement,
  LivenessJudgement,
  PresenceJudgement,
  ReapJudgement,
  OverlapAnswer,
  OverlapInput,
} from './judge.ts'
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
export { NotifyCheckAnswer, NotifyTestAnswer } from './notify.ts'
export { ContentionAnswer, GapsAnswer, RunsAnswer } from './questions.ts'
export { ReapLine } from './reap.ts'
export { SetupAnswer } from './setup.ts'
export { RunAnswer } from './run.ts'
export { NewTokenAnswer, TokenJson, TokensAnswer } from './token.ts'
export { LocalConfiguration, localConfigurationJsonSchema } from './local-configuration.ts'
