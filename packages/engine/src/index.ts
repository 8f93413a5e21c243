export { systemTimers, type Timers } from './clock/timers.ts'
export { formatDuration, parseDuration, type DurationInput } from './duration.ts'
export type { Beat, BeatMetadata } from './heartbeat/beat.ts'
export type { BeatSink } from './heartbeat/beat-sink.ts'
export type { BeatCounts, BeatObserver, BeatReport } from './heartbeat/beat-writer.ts'
export { beats$ } from './heartbeat/beats-stream.ts'
export { callbackSink } from './heartbeat/callback-sink.ts'
export type { CallbackStats } from './heartbeat/callback-slot.ts'
export { fileSink, type FileSinkOptions } from './heartbeat/file-sink.ts'
export { Heartbeat } from './heartbeat/heartbeat.ts'
export { HeartbeatError, type HeartbeatErrorCode } from './heartbeat/heartbeat-error.ts'
export type {
  CallbackName,
  HeartbeatCallbacks,
  HeartbeatOptions,
  HeartbeatStats,
  HeartbeatTarget,
  StopReport,
} from './heartbeat/heartbeat-options.ts'
export { heartbeatPolicy, type Clamped, type HeartbeatPolicy } from './heartbeat/heartbeat-policy.ts'
export { leaseSink } from './heartbeat/lease-sink.ts'
export {
  isAlive,
  readBeat,
  type Alive,
  type AliveBasis,
  type AliveOptions,
  type BeatReading,
  type BeatUnread,
} from './heartbeat/read-beat.ts'
export type { HeldLease } from './hold/held-lease.ts'
export type { BeatDetails, HaltRequested } from './hold/hold-context.ts'
export { LeaseLostError, type LossCode } from './hold/loss.ts'
export { InputError } from './input-error.ts'
export type { CheckOutcome, HoldOutcome, HoldRequest, WaitOptions } from './ledger/hold-request.ts'
export type { Ledger } from './ledger/ledger.ts'
export { type LiveLedger, openLedger, openLedgerOn, type LiveLedgerOptions } from './live/live-ledger.ts'
export { DEFAULT_LEDGER, type OpenLedgerOptions } from './ledger/open-ledger.ts'
export type {
  AcquireRequest,
  AdoptRequest,
  ClaimRequest,
  HaltRequest,
  HeartbeatRequest,
  LeaseReference,
  ReleaseRequest,
  ScavengeRequest,
  SpawnRequest,
  WriteRequest,
} from './pipeline/requests.ts'
export { AutoCompaction, type AutoCompactionOptions, type AutoCompactionStatus } from './maintenance/auto-compaction.ts'
export { CompactionPolicy, type CompactionPolicyInput } from './maintenance/compaction-policy.ts'
export { compactLedger, type CompactOptions, type KeepLast } from './maintenance/compact-ledger.ts'
export type { CommandOptions } from './pipeline/sender.ts'
export type { QueueFull } from './pipeline/queue-full.ts'
export type { CleanupFailure, CleanupReport } from './presence/cleanup.ts'
export type { IdleReading, IdleVerdict } from './presence/idle-window.ts'
export type { PresenceEntry } from './presence/presence-entry.ts'
export { PresenceError, type PresenceErrorCode } from './presence/presence-error.ts'
export {
  PresenceScanner,
  type PresenceScan,
  type PresenceScannerOptions,
  type SkippedFile,
} from './presence/presence-scanner.ts'
export { presenceSink, type PresenceSinkOptions } from './presence/presence-sink.ts'
export { presence$ } from './presence/presence-stream.ts'
export { identify, thisProcess } from './process/identity.ts'
export { systemProbe, type ProcessProbe } from './process/probe.ts'
export { changedFiles, type ChangedFilesOptions } from './progress/changed-files.ts'
export { gatherProgress, type GatheredProgress, type UnknownProgress } from './progress/gather-progress.ts'
export { gitCommits, type GitCommitsOptions } from './progress/git-commits.ts'
export { logEvents, type LogEventsOptions } from './progress/log-events.ts'
export type {
  ProgressKind,
  ProgressProbe,
  ProgressQuery,
  ProgressReading,
  ProgressUnknown,
} from './progress/progress-probe.ts'
export { runChild, type RunReport, type RunRequest, type RunStep } from './run/run-child.ts'
export type { Effect, EffectContext } from './reaper/claimed-work.ts'
export { commandEffect, commandGate, commandNotice, type ReapCommand } from './reaper/reap-commands.ts'
export { Reaper } from './reaper/reaper.ts'
export type { ReaperOptions } from './reaper/reaper-options.ts'
export type { FailedWork, Gate, GateContext, ReapUnit } from './reaper/reap-unit.ts'
export type { ReapAction, ReaperStatus, ReaperTotals } from './reaper/reaper-status.ts'
export { spinningJudge, type SpinningJudge, type SpinningOptions, type SpinningReading } from './reaper/spinning.ts'
export type { TelemetryOptions } from './telemetry/telemetry-options.ts'
export { StoreError, type StoreErrorCode } from '@holdfast/store'
