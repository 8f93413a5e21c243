import type { AcquireOutcome, EpochMs, Lease, MergeRisks, PredicateVerdict, Refused, Token } from '@holdfast/core'
import type { DurationInput } from '../duration.ts'
import type { HeldLease } from '../hold/held-lease.ts'
import type { QueueFull } from '../pipeline/queue-full.ts'
import type { AcquireRequest } from '../pipeline/requests.ts'
import type { CommandOptions } from '../pipeline/sender.ts'

/** How long a request may wait for its turn. */
export interface WaitOptions extends CommandOptions {
  /** Default: not at all. */
  readonly wait?: DurationInput | undefined
  /** Ends the wait early; the place in the line is given up. */
  readonly signal?: AbortSignal | undefined
  /** Verdicts of local predicates: each may only refuse. */
  readonly predicates?: readonly PredicateVerdict[] | undefined
  /** Hears each refusal after which the request waits on, with the log clock: what it waits for, and until when. */
  readonly onRefused?: ((refused: Refused, nowMs: EpochMs) => void) | undefined
}

/** A request for a lease that beats by itself; bound to this process unless it says otherwise. */
export interface HoldRequest extends AcquireRequest, WaitOptions {
  /** Time between beats; default a third of the TTL, at most half of it. */
  readonly beatEvery?: DurationInput | undefined
}

export type HoldOutcome =
  | (MergeRisks & {
      readonly outcome: 'granted'
      /** The lease; with `allOf` the first of `leases`. */
      readonly lease: HeldLease
      /** Each beats, is lost and is released by itself. */
      readonly leases: readonly [HeldLease, ...HeldLease[]]
      readonly evicted: readonly { readonly leaseId: string }[]
    })
  | Exclude<AcquireOutcome, { readonly outcome: 'granted' }>
  | QueueFull

/** Whether a lease is held at this moment, and if not, why. */
export type CheckOutcome =
  | { readonly outcome: 'held'; readonly lease: Lease }
  | { readonly outcome: 'not-held' }
  | { readonly outcome: 'stale-token'; readonly tokens: readonly Token[] }
  | { readonly outcome: 'expired'; readonly lease: Lease }
  /** Its time is over and its grace is not: nobody's time. A beat brings it back; others may end it after the grace. */
  | { readonly outcome: 'in-grace'; readonly lease: Lease }
  /** Held, but an older holder may still believe; no guard opens until then. */
  | { readonly outcome: 'draining'; readonly lease: Lease; readonly untilMs: EpochMs }
