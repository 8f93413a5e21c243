import * as z from 'zod'
import { reason } from './event-text.ts'
import { EpochMs, Holder, Lane, LeaseId, RequestId, Revision, RunId, Token } from './ids.ts'
import { CLAIMS_MAX, Claim } from './lease-events.ts'
import { ProcessIdentity } from './process-identity.ts'
import { WorkTree } from './work-tree.ts'

/** Blockers that a refusal names; the count of the rest goes beside them. */
export const BLOCKERS_MAX = 16

/** Characters of the path that a blocker is witnessed by; a longer one is not named. */
export const WITNESS_LENGTH_MAX = 1024

/** Files that one refused write names. */
export const WRITTEN_PATHS_MAX = 16

/** Characters of the path of a file that is written. */
export const WRITTEN_PATH_LENGTH_MAX = 4096

/** Characters of the name of a local predicate. */
export const PREDICATE_NAME_LENGTH_MAX = 256

/**
 * Why something was refused. In the way of an acquire: `lane-held`, `region-held`, `exclusive-lane-live`, `budget-exhausted`,
 * `draining` (an old holder may still believe), `orphan-alive` (a recorded child runs), `awaiting-reap` (only a reaper with the
 * effect ends it), `queued-behind` (an earlier ticket), `held-by-self` (no waiting mends it). About the request itself:
 * `queue-full`, `unknown-lane`, `self-conflict`, `request-id-reused`, `predicate-refused`. For ending another's lease:
 * `still-held` (no ground yet). `withdrawn` ends a ticket and refuses nobody.
 */
export const RefusalCode = z.enum([
  'held-by-self',
  'lane-held',
  'region-held',
  'exclusive-lane-live',
  'budget-exhausted',
  'draining',
  'orphan-alive',
  'awaiting-reap',
  'queued-behind',
  'queue-full',
  'unknown-lane',
  'self-conflict',
  'request-id-reused',
  'predicate-refused',
  'still-held',
  'withdrawn',
])
export type RefusalCode = z.infer<typeof RefusalCode>

/** One thing in the way. Leases and draining entries carry `leaseId` and `token`; an earlier ticket carries `ticket`. */
export const Blocker = z.looseObject({
  leaseId: LeaseId.nullable(),
  token: Token.nullable(),
  /** A path that both sides would cover; absent also where none is short enough to be written down. */
  witness: z.string().optional(),
  /** Why it is in the way. */
  code: RefusalCode.optional(),
  lane: Lane.optional(),
  holder: Holder.optional(),
  /** Until when, as far as is known today. */
  until: EpochMs.optional(),
  /** Revision of the REFUSE that opened the ticket. */
  ticket: Revision.optional(),
  /** Its work tree, where that is another one than the asker's. In answers alone: the log tells it of the lease. */
  workTree: WorkTree.optional(),
  /** A recorded child that was seen to run: what keeps an expired lease (`orphan-alive`). */
  child: ProcessIdentity.optional(),
})
export type Blocker = z.infer<typeof Blocker>

/** The request as it was understood: regions normalised, defaults filled in. */
export const RecordedRequest = z.looseObject({
  /** `write`: no lease was asked for; `claims` name the files, each on its lane (`editLane`). */
  op: z.enum(['acquire', 'adopt', 'scavenge', 'release', 'write']),
  holder: Holder.optional(),
  process: ProcessIdentity.nullable().optional(),
  /** `one`: the only claim; `any`: the first admissible; `all`: all or none. */
  policy: z.enum(['one', 'any', 'all']).optional(),
  claims: z.array(Claim).max(CLAIMS_MAX).optional(),
  /** The work tree of all claims; absent: unknown. */
  workTree: WorkTree.nullable().optional(),
  leaseId: LeaseId.optional(),
  token: Token.nullable().optional(),
  runId: RunId.optional(),
  requestId: RequestId.optional(),
})
export type RecordedRequest = z.infer<typeof RecordedRequest>

/** A request was denied, and why. With `ticket` it takes or refreshes a place in the line for `ticket.ttlMs`. */
export const RefuseData = z.looseObject({
  request: RecordedRequest,
  code: RefusalCode,
  blockers: z.array(Blocker).max(BLOCKERS_MAX),
  moreBlockers: z.int().nonnegative(),
  earliestRetryAt: EpochMs.optional(),
  ticket: z.looseObject({ requestId: RequestId, ttlMs: z.int().positive() }).optional(),
  /** Coalesced repeats of the refusal before this one, as far as the writer saw them. */
  repeats: z.int().nonnegative().optional(),
  lastAt: EpochMs.optional(),
  /** Evidence of a local predicate that refused. */
  evidence: z.looseObject({ predicate: z.string().max(PREDICATE_NAME_LENGTH_MAX).optional() }).optional(),
  reason,
})
