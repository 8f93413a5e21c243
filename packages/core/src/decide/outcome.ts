import type { MergeRisks } from '../admission/merge-risks.ts'
import type { Blocker, RefusalCode } from '../refuse-event.ts'
import type { EpochMs, LeaseId, LedgerId, RequestId, Revision, Token } from '../ids.ts'
import type { Lease } from '../state/lease.ts'
import type { RequestEnd } from '../state/entries.ts'

/** The claim, or all claims, of a request are leased. A guard opens when the log is read through the grant. */
export interface Granted extends MergeRisks {
  readonly outcome: 'granted'
  /** The lease; with `all` the first of `leases`. */
  readonly lease: Lease
  readonly leases: readonly Lease[]
  /** The grant of an earlier, equal request: no deadline moved, and a guard opens only after a confirmed beat. */
  readonly repeated: boolean
  /** Expired leases that made way. */
  readonly evicted: readonly { readonly leaseId: LeaseId; readonly token: Token }[]
}

/** A place in the line, as this decision leaves it. Both instants are on the log clock. */
export interface WaitingPlace {
  readonly requestId: RequestId
  /** Order in the line. */
  readonly place: Revision
  /** When the place is lost without a refresh. */
  readonly untilMs: EpochMs
  /** From when a renewed decision refreshes the place. */
  readonly refreshAtMs: EpochMs
}

/** Denied; the reason is `code`, and what stands in the way is in `blockers`. */
export interface Refused {
  readonly outcome: 'refused'
  readonly code: RefusalCode
  readonly blockers: readonly Blocker[]
  readonly moreBlockers: number
  /** A retry then is granted if nothing else happens; absent where that is not known. */
  readonly earliestRetryAt?: EpochMs
  /** `r<revision>` of the recorded refusal that explains this one. */
  readonly refusalId: string
  /** Nothing was appended: the recorded refusal stands for this one. */
  readonly coalesced: boolean
  readonly ticket?: WaitingPlace
  readonly reason: string
  /** For an adoption or eviction that was refused: when the lease expires. */
  readonly expiresAt?: EpochMs
}

/** The request was granted once, and that lease has ended: a new request needs a new id. */
export interface Ended {
  readonly outcome: 'ended'
  readonly how: RequestEnd | 'expired'
  readonly leaseId: LeaseId
  readonly token: Token
}

/** The beat was taken. `lease` is as the beat leaves it, or as it was for one that coalesced. */
export interface Beaten {
  readonly outcome: 'beaten'
  /** Nothing was appended: this beat confirms nothing and moves nothing. */
  readonly coalesced: boolean
  readonly lease: Lease
}

/** The holder gave the lease up; its place is free at once. */
export interface Released {
  readonly outcome: 'released'
  readonly leaseId: LeaseId
  readonly token: Token
}

/** The lease had been taken by force; what it kept closed is open now. */
export interface Drained {
  readonly outcome: 'drained'
  readonly leaseId: LeaseId
  readonly token: Token
}

/** The lease is the new holder's, under the token in `lease`. Nobody holds it under `previousToken` any more. */
export interface Adopted {
  readonly outcome: 'adopted'
  readonly lease: Lease
  readonly previousToken: Token
}

/** The lease was taken from its holder and is gone. */
export interface Scavenged {
  readonly outcome: 'scavenged'
  readonly leaseId: LeaseId
  readonly token: Token
  /** Until when what it covered stays closed; `null` when it is open at once. */
  readonly drainsUntilMs: EpochMs | null
}

/** An intent stands in the log. The live set is what it was. */
export interface Recorded {
  readonly outcome: 'recorded'
  /** For a HALT: what it was bound to, or `null` for nothing. */
  readonly bound: { readonly leaseId: LeaseId; readonly token: Token } | null
}

/** No live lease of that holder on that lane. */
export interface NotHeld {
  readonly outcome: 'not-held'
}

/** The lane is leased, under another token. */
export interface StaleToken {
  readonly outcome: 'stale-token'
  readonly tokens: readonly Token[]
}

/** The request waits no more, whether it did before or not. */
export interface Withdrawn {
  readonly outcome: 'withdrawn'
  /** Whether there was a place to give up. */
  readonly found: boolean
}

/** No claim of anybody else is in the way of the write. Whether local policy lets it happen is another question. */
export interface Permitted {
  readonly outcome: 'permitted'
}

/** The ledger exists. */
export interface Founded {
  readonly outcome: 'founded'
  /** The ledger's id: another's, when somebody was first. */
  readonly ledgerId: LedgerId
  readonly created: boolean
}

/** The state, or the new configuration, is written down at the head. */
export interface Checkpointed {
  readonly outcome: 'checkpointed'
}

/** What was asked for contradicts the state: every fault, by the path of its field. Nothing was appended. */
export interface ConfigurationRefused {
  readonly outcome: 'invalid'
  readonly faults: readonly ConfigurationContradiction[]
}

export interface ConfigurationContradiction {
  readonly path: string
  readonly message: string
  /** On the log clock: when what stands in the way has ended, if nothing renews it. Absent: time does not help. */
  readonly untilMs?: EpochMs
}

/** The log is not ours to write: nothing was decided. */
export interface Blocked {
  readonly outcome: 'blocked'
  readonly code: 'ledger-newer' | 'moved' | 'foreign' | 'not-founded'
  readonly message: string
}

export type AcquireOutcome = Granted | Refused | Ended | Blocked
export type HeartbeatOutcome = Beaten | NotHeld | StaleToken | Blocked
export type ReleaseOutcome = Released | Drained | NotHeld | StaleToken | Refused | Blocked
export type AdoptOutcome = Adopted | NotHeld | StaleToken | Refused | Blocked
export type ScavengeOutcome = Scavenged | NotHeld | StaleToken | Refused | Blocked
export type IntentOutcome = Recorded | Blocked
export type WithdrawOutcome = Withdrawn | Blocked
export type WriteOutcome = Permitted | Refused | Blocked
export type FoundOutcome = Founded | Blocked
export type CheckpointOutcome = Checkpointed | ConfigurationRefused | Blocked

/** What each type of command can be answered. Nothing else is, and an exception is a bug. */
export interface OutcomeOf {
  readonly acquire: AcquireOutcome
  readonly withdraw: WithdrawOutcome
  readonly heartbeat: HeartbeatOutcome
  readonly release: ReleaseOutcome
  readonly adopt: AdoptOutcome
  readonly scavenge: ScavengeOutcome
  readonly halt: IntentOutcome
  readonly spawn: IntentOutcome
  readonly write: WriteOutcome
  readonly found: FoundOutcome
  readonly configure: CheckpointOutcome
  readonly checkpoint: CheckpointOutcome
  readonly repair: CheckpointOutcome
}
export type Outcome = OutcomeOf[keyof OutcomeOf]
