import type { AcquireOutcome, EpochMs, Lease, MergeRisks, PredicateVerdict, Token } from '@holdfast/core'
import type { DurationInput } from '../duration.ts'
import type { HeldLease } from '../hold/held-lease.ts'
import type { QueueFull } from '../pipeline/queue-full.ts'
import type { AcquireRequest } from './requests.ts'

/** How long a request may wait for its turn. */
export interface WaitOptions {
  /** Default: not at all. */
  readonly wait?: DurationInput | undefined
  /** Ends the wait early; the place in the line is given up. */
  readonly signal?: AbortSignal | undefined
  /** Verdicts of local predicates: each may only refuse. */
  readonly predicates?: readonly PredicateVerdict[] | undefined
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
  /** Held, but an older holder may still believe; no guard opens until then. */
  | { readonly outcome: 'draining'; readonly lease: Lease; readonly untilMs: EpochMs }
