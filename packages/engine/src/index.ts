export { pause, systemTimers, type Timers } from './clock/timers.ts'
export { formatDuration, parseDuration, type DurationInput } from './duration.ts'
export { HeldLease, type BeatDetails, type HaltRequested } from './hold/held-lease.ts'
export { LeaseLostError, type LossCode } from './hold/loss.ts'
export { SelfGuard } from './hold/self-guard.ts'
export { InputError } from './input-error.ts'
export { Ledger, type CheckOutcome, type HoldOutcome, type HoldRequest, type WaitOptions } from './ledger/ledger.ts'
export { LiveLedger, openLedger, openLedgerOn, type LiveLedgerOptions } from './ledger/live-ledger.ts'
export { DEFAULT_LEDGER, type OpenLedgerOptions } from './ledger/open-ledger.ts'
export type {
  AcquireRequest,
  AdoptRequest,
  ClaimRequest,
  HaltRequest,
  HeartbeatRequest,
  Ownership,
  ReleaseRequest,
  ScavengeRequest,
  SpawnRequest,
} from './ledger/requests.ts'
export { BATCH_MAX, Pipeline, QUEUE_MAX } from './pipeline/pipeline.ts'
export type { QueueFull } from './pipeline/queue-full.ts'
export { identify, readProcess, thisHost, thisProcess, type Host, type ProcessRecord } from './process/identity.ts'
export { systemProbe, type ProcessProbe } from './process/probe.ts'
export { RUN_EXIT, shellCode } from './run/exit-code.ts'
export { runChild, type RunReport, type RunRequest, type RunStep } from './run/run-child.ts'
export type { Effect, EffectContext } from './reaper/claimed-work.ts'
export { REAP_INTERVAL_MS, Reaper, type ReaperOptions } from './reaper/reaper.ts'
export type { Gate, ReapUnit } from './reaper/reap-unit.ts'
export type { ReapAction, ReaperStatus, ReaperTotals } from './reaper/reaper-status.ts'
