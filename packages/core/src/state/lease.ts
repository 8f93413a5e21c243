import * as z from 'zod'
import { Activity, ExitStatus, Mode, Reap, ReapClaim, RegionGlobs } from '../lease-events.ts'
import { EpochMs, Holder, Kind, Lane, later, LeaseId, RequestId, Revision, RunId, Token } from '../ids.ts'
import { ProcessIdentity } from '../process-identity.ts'
import { WorkTree } from '../work-tree.ts'

/**
 * One lease of the live set. All instants are on the log clock. Being in the live set is not being held: an expired
 * lease stays until an event ends it, because a late beat under its token may still keep it.
 */
export const Lease = z.object({
  leaseId: LeaseId,
  lane: Lane,
  token: Token,
  holder: Holder,
  kind: Kind.nullable(),
  mode: Mode,
  region: RegionGlobs,
  /** The work tree that it was granted in; an adoption keeps it. `null`: unknown. */
  workTree: WorkTree.nullable().default(null),
  ttlMs: z.int().positive(),
  graceMs: z.int().nonnegative(),
  /** The process that the lease is bound to; `null`: bound to none, and no death means anything. */
  process: ProcessIdentity.nullable(),
  children: z.array(ProcessIdentity),
  runId: RunId.nullable(),
  attempt: z.int().min(1),
  maxAttempts: z.int().min(1),
  reap: Reap,
  requestId: RequestId.nullable(),
  /** Key of the remembered request that granted it; an adoption ends that request. */
  requestKey: z.string().nullable(),
  /** Revision of its ACQUIRE: the order of the live set. */
  place: Revision,
  acquiredAtMs: EpochMs,
  /** When the present ownership began: the age that the ceiling looks at. */
  ownedSinceMs: EpochMs,
  lastBeatAtMs: EpochMs,
  /** Until when the holder may act, as the log sees it. */
  safeUntilMs: EpochMs,
  /** From when others may end it: `safeUntilMs` plus the grace. Never decreases within one token. */
  expiresAtMs: EpochMs,
  activity: Activity.nullable(),
  exit: z.object({ status: ExitStatus, atMs: EpochMs }).nullable(),
  progress: z.string().nullable(),
  metadata: z.record(z.string(), z.json()).nullable(),
  claim: ReapClaim.nullable(),
})
export type Lease = Readonly<z.infer<typeof Lease>>

/**
 * Whether the lease's time has run out by the log clock. It is then not held, though still in the live set. That others
 * may end it where the log clock can step is a harder question: `countedTimes`.
 */
export function isExpired(lease: Lease, nowMs: number): boolean {
  return nowMs >= lease.expiresAtMs
}

/** Whether the holder may act, as the log sees it: the grace after `safeUntilMs` is nobody's time. */
export function isHolders(lease: Lease, nowMs: number): boolean {
  return nowMs < lease.safeUntilMs
}

/** When an expired lease may be ended without looking at its children. */
export function orphanUntilMs(lease: Pick<Lease, 'children' | 'expiresAtMs'>, orphanGraceMs: number): number {
  return lease.children.length === 0 ? lease.expiresAtMs : later(lease.expiresAtMs, orphanGraceMs)
}
