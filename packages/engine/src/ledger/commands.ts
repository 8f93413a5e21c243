import type { AcquireCommand, CheckpointCommand, HeartbeatCommand } from '@holdfast/core/internal'
import type {
  AcquireOutcome,
  CheckpointOutcome,
  Command,
  EpochMs,
  HaltEntry,
  HeartbeatOutcome,
  Lease,
  LogEntry,
  OutcomeOf,
  PredicateVerdict,
} from '@holdfast/core'
import type { Head } from '@holdfast/store'
import type { QueueFull } from '../pipeline/queue-full.ts'
import type { CommandOptions, Sender } from '../pipeline/sender.ts'
import type { Sent, WaitLimits } from './wait-limits.ts'

/** What became of a beat, and whether it confirms the lease. */
export interface Beat {
  readonly outcome: HeartbeatOutcome | QueueFull
  /**
   * The success of an append confirms nothing: whether the log, read through the beat, shows the token live, and the ledger
   * continues here.
   */
  readonly isLive: boolean
}

/** What keeps the guard of a lease closed. Both instants are on the log clock. */
export interface Drains {
  readonly nowMs: EpochMs
  /** `null`: nothing. */
  readonly untilMs: number | null
}

/** Hears what the log says of leases. */
export interface LeaseListener {
  readonly entries: (entries: readonly LogEntry[]) => void
  /** HALTs of a lease that were recorded before anybody listened. */
  readonly pending: (lease: Lease, halts: readonly HaltEntry[]) => void
}

/**
 * Where a ledger object sends its commands: to the pipeline of this process, or to a server that has one. Plain data in,
 * plain data out. Commands reject as `Pipeline.submit` does.
 */
export interface Commands {
  /** Whether this process has put anything into the log by itself. */
  readonly hasWritten: boolean
  /** The newest revision that this process knows of. It may not have read it. */
  readonly known: Head
  /** Commands that wait for their turn in this process. */
  readonly queued: number

  submit<T extends Command['type']>(
    command: Extract<Command, { readonly type: T }>,
    predicates?: readonly PredicateVerdict[],
    options?: CommandOptions,
  ): Promise<OutcomeOf[T] | QueueFull>

  checkpoint(command: CheckpointCommand): Promise<CheckpointOutcome | QueueFull>

  beat(command: HeartbeatCommand, options?: CommandOptions): Promise<Beat>

  /** Asks until the lease is granted, the span is over or the signal aborts (see `waitForLease`). */
  acquireWaiting(
    command: AcquireCommand,
    limits: WaitLimits,
    options?: CommandOptions,
  ): Promise<Sent<AcquireOutcome | QueueFull>>

  drains(lease: Lease): Promise<Drains>

  /** Begins to hear of a lease, until `unwatch`. What happened to it since its token is heard as well. */
  watch(lease: Lease, listener: LeaseListener): void
  unwatch(lease: Lease): void

  /** Refuses new commands and waits for those under way. */
  close(): Promise<void>
}

/** Commands that this process decides, for itself or for a sender. */
export interface DecidedHere extends Commands {
  submit<T extends Command['type']>(
    command: Extract<Command, { readonly type: T }>,
    predicates?: readonly PredicateVerdict[],
    sender?: Sender,
  ): Promise<OutcomeOf[T] | QueueFull>
  beat(command: HeartbeatCommand, sender?: Sender): Promise<Beat>
  acquireWaiting(
    command: AcquireCommand,
    limits: WaitLimits,
    sender?: Sender,
  ): Promise<Sent<AcquireOutcome | QueueFull>>
}
