// The ledger without RxJS, for one-shot programs that have to start fast; `@holdfast/engine` adds the live views.
export { formatDuration, parseDuration, type DurationInput } from './duration.ts'
export type { HeldLease } from './hold/held-lease.ts'
export { LeaseLostError, type LossCode } from './hold/loss.ts'
export { InputError } from './input-error.ts'
export { globFault } from './ledger/claimed-region.ts'
export type { CheckOutcome, HoldOutcome, HoldRequest, WaitOptions } from './ledger/hold-request.ts'
export type { Ledger } from './ledger/ledger.ts'
export {
  DEFAULT_LEDGER,
  openLeanLedger,
  openLeanLedgerOn,
  openToRepeat,
  type OpenLedgerOptions,
} from './ledger/open-ledger.ts'
export {
  checkAcquireRequest,
  checkHaltRequest,
  checkSpawnRequest,
  sentAcquire,
  sentHeartbeat,
  sentRelease,
  type AcquireRequest,
  type ClaimRequest,
  type HeartbeatRequest,
  type ReleaseRequest,
} from './pipeline/requests.ts'
export type { QueueFull } from './pipeline/queue-full.ts'
export { identify, thisProcess } from './process/identity.ts'
export type { SentBefore } from './served/sent-before.ts'
export type { Told, TellWish } from './served/tell-server.ts'
export { tellServer } from './served/tell-when-announced.ts'
export { systemProbe } from './process/probe.ts'
export { planConfinement, tryConfinement, type Confinement } from './run/confinement.ts'
export { RUN_EXIT } from './run/exit-code.ts'
export { runChild, type RunReport, type RunStep } from './run/run-child.ts'
export { StoreError, type StoreErrorCode } from '@holdfast/store'
