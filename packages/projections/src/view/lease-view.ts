import {
  Activity,
  drainsOver,
  EpochMs,
  ExitStatus,
  Holder,
  isExpired,
  Kind,
  Lane,
  LeaseId,
  liveLeases,
  Mode,
  ProcessIdentity,
  Reap,
  ReapClaim,
  RegionGlobs,
  RequestId,
  RunId,
  Token,
  WorkTree,
  type DrainingEntry,
  type Lease,
  type LedgerState,
} from '@holdfast/core'
import { drainsOverAll } from '@holdfast/core/internal'
import * as z from 'zod'
import { Instant, instantOf } from './instant.ts'

/** What an earlier holder of a lease, from whom it was taken by force, may still believe in. */
const Drain = z.object({ token: Token, holder: Holder, untilMs: z.number() })

/** A lease of the live set as it looks at one instant of the log clock. All instants are ms on that clock. */
export const LeaseView = z.object({
  lane: Lane,
  leaseId: LeaseId,
  holder: Holder,
  token: Token,
  kind: Kind.nullable(),
  mode: Mode,
  region: RegionGlobs,
  /** The git work tree that it was granted in; `null`: unknown. */
  workTree: WorkTree.nullable(),
  ttlMs: z.int().positive(),
  graceMs: z.int().nonnegative(),
  acquiredAtMs: EpochMs,
  /** Since when the present holder has it: differs from `acquiredAtMs` after an adoption. */
  ownedSinceMs: EpochMs,
  lastBeatAtMs: EpochMs,
  /** Until when the holder may act. */
  safeUntilMs: EpochMs,
  /** From when others may end it. */
  expiresAtMs: EpochMs,
  /** It is then not held, though it stays listed until an event ends it. */
  expired: z.boolean(),
  process: ProcessIdentity.nullable(),
  children: z.array(ProcessIdentity),
  runId: RunId.nullable(),
  requestId: RequestId.nullable(),
  attempt: z.int().min(1),
  maxAttempts: z.int().min(1),
  reap: Reap,
  activity: Activity.nullable(),
  exit: z.object({ status: ExitStatus, atMs: EpochMs }).nullable(),
  progress: z.string().nullable(),
  claim: ReapClaim.nullable(),
  /** What keeps its guard closed, by earlier tokens of its own or of others: it opens after the last of them. */
  draining: z.array(Drain),
})
export type LeaseView = Readonly<z.infer<typeof LeaseView>>

/** The live set in the order of its ACQUIREs, expired leases marked. */
export function leaseViews(state: LedgerState, nowMs: EpochMs): LeaseView[] {
  const drains = drainsOverAll(state, nowMs)
  return liveLeases(state).map(lease => leaseView(lease, drains.get(lease.leaseId) ?? [], nowMs))
}

/** What keeps the guard of a lease closed at `nowMs`. */
export function drainsOf(state: LedgerState, lease: Lease, nowMs: EpochMs): LeaseView['draining'] {
  return drainViews(drainsOver(state, lease, nowMs))
}

function drainViews(drains: readonly DrainingEntry[]): LeaseView['draining'] {
  return drains.map(({ token, holder, untilMs }) => ({ token, holder, untilMs })).sort((a, b) => a.token - b.token)
}

function leaseView(lease: Lease, drains: readonly DrainingEntry[], nowMs: EpochMs): LeaseView {
  return {
    lane: lease.lane,
    leaseId: lease.leaseId,
    holder: lease.holder,
    token: lease.token,
    kind: lease.kind,
    mode: lease.mode,
    region: lease.region,
    workTree: lease.workTree,
    ttlMs: lease.ttlMs,
    graceMs: lease.graceMs,
    acquiredAtMs: lease.acquiredAtMs,
    ownedSinceMs: lease.ownedSinceMs,
    lastBeatAtMs: lease.lastBeatAtMs,
    safeUntilMs: lease.safeUntilMs,
    expiresAtMs: lease.expiresAtMs,
    expired: isExpired(lease, nowMs),
    process: lease.process,
    children: lease.children,
    runId: lease.runId,
    requestId: lease.requestId,
    attempt: lease.attempt,
    maxAttempts: lease.maxAttempts,
    reap: lease.reap,
    activity: lease.activity,
    exit: lease.exit,
    progress: lease.progress,
    claim: lease.claim,
    draining: drainViews(drains),
  }
}

/** A lease as the command line's JSON has it: spans in ms, instants in ISO 8601. */
export const LeaseJson = z.object({
  ...LeaseView.omit({
    acquiredAtMs: true,
    ownedSinceMs: true,
    lastBeatAtMs: true,
    safeUntilMs: true,
    expiresAtMs: true,
    exit: true,
    draining: true,
  }).shape,
  acquiredAt: Instant,
  ownedSince: Instant,
  lastBeatAt: Instant,
  safeUntil: Instant,
  expiresAt: Instant,
  exit: z.object({ code: z.int().nullable(), signal: z.string().nullable(), at: Instant }).nullable(),
  draining: z.array(z.object({ token: Token, holder: Holder, until: Instant })),
})
export type LeaseJson = Readonly<z.infer<typeof LeaseJson>>

export function leaseJson(view: LeaseView): LeaseJson {
  const { acquiredAtMs, ownedSinceMs, lastBeatAtMs, safeUntilMs, expiresAtMs, exit, draining, ...same } = view
  return {
    ...same,
    acquiredAt: instantOf(acquiredAtMs),
    ownedSince: instantOf(ownedSinceMs),
    lastBeatAt: instantOf(lastBeatAtMs),
    safeUntil: instantOf(safeUntilMs),
    expiresAt: instantOf(expiresAtMs),
    exit: exit === null ? null : { code: exit.status.code, signal: exit.status.signal, at: instantOf(exit.atMs) },
    draining: draining.map(({ token, holder, untilMs }) => ({ token, holder, until: instantOf(untilMs) })),
  }
}

/** A folded ledger: a `LedgerFold`, or whatever else keeps one. */
export interface Folded {
  readonly state: LedgerState
}

/** The live set at `nowMs` on the log clock, in the order of its ACQUIREs; expired leases are in it, marked. */
export function queryLeases({ state }: Folded, nowMs: EpochMs): LeaseView[] {
  return leaseViews(state, nowMs)
}
