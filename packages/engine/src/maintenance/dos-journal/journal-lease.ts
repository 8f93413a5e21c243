import {
  EpochMs,
  Holder,
  Kind,
  Lane,
  parseRegion,
  ProcessIdentity,
  RunId,
  type Lease,
  type LeaseId,
  type Revision,
} from '@holdfast/core'
import { later, ImportedLeaseId, NAME_LENGTH_MAX, SPAN_MAX_MS, tokenAt } from '@holdfast/core/internal'
import * as z from 'zod'
import { parseStamp } from '../../heartbeat/stamp.ts'

const MINUTE_MS = 60_000

/** TTL of a lease that declares none, and the grace on top of any: the rule by which such a journal drops its dead. */
const TTL_DEFAULT_MS = 50 * MINUTE_MS
const GRACE_MS = 5 * MINUTE_MS

/** Who holds what nobody signed. */
const UNKNOWN_HOLDER = Holder.parse('unknown')

const optionalText = z
  .string()
  .nullish()
  .transform(text => text ?? null)

/** One lease in the parlance of the journal: (loop_ts, lane) is all that names it. */
export const JournalIdentity = z.looseObject({
  loop_ts: z
    .string()
    .max(NAME_LENGTH_MAX)
    .nullish()
    .transform(text => text ?? ''),
  lane: Lane,
})
export type JournalIdentity = z.infer<typeof JournalIdentity>

/** Who acts, as far as it says; what is no name or no pid counts as not said. */
export const JournalActor = z.looseObject({
  holder: z
    .unknown()
    .optional()
    .transform(holder => named(Holder, holder) ?? UNKNOWN_HOLDER),
  host_id: z.unknown().optional(),
  pid: z.unknown().optional(),
  run_id: z
    .unknown()
    .optional()
    .transform(runId => named(RunId, runId)),
})

export const JournalLease = z.looseObject({
  ...JournalIdentity.shape,
  ...JournalActor.shape,
  tree: z
    .array(z.string())
    .nullish()
    .transform(tree => normalised(tree ?? [])),
  lane_kind: z
    .unknown()
    .optional()
    .transform(kind => named(Kind, kind)),
  ttl_minutes: z.unknown().optional(),
  acquired_at: optionalText,
  heartbeat_at: optionalText,
})
export type JournalLease = z.infer<typeof JournalLease>

export function journalLeaseId({ loop_ts, lane }: JournalIdentity): LeaseId {
  return ImportedLeaseId.parse(`${loop_ts}/${lane}`)
}

/** The process that a lease was bound to: a pid without its host is nobody's. */
export function journalProcess(actor: z.infer<typeof JournalActor>): ProcessIdentity | null {
  const { host_id: host, pid } = actor
  const parsed = ProcessIdentity.safeParse({ host, pid, bootId: null, pidNamespace: null, processStart: null })
  return parsed.success ? parsed.data : null
}

/** What all leases of a journal have in common with those of ours. */
export function journalTerms({ lane, tree, lane_kind: kind, ttl_minutes: minutes }: JournalLease) {
  const ttlMs = typeof minutes === 'number' && minutes > 0 ? Math.ceil(minutes * MINUTE_MS) : TTL_DEFAULT_MS
  return {
    lane,
    kind,
    mode: 'exclusive',
    region: tree,
    ttlMs: Math.min(ttlMs, SPAN_MAX_MS),
    graceMs: GRACE_MS,
    attempt: 1,
    maxAttempts: 1,
    reap: 'optional',
  } as const
}

interface Standing {
  /** The same identity as the fold has it, if it is live there. */
  readonly known: Lease | undefined
  readonly place: Revision
  /** The journal's time so far. */
  readonly clockMs: EpochMs
}

/** A lease out of a CHECKPOINT of the journal, as it stands in the live set. */
export function liveLeaseOf(lease: JournalLease, { known, place, clockMs }: Standing): Lease {
  const terms = journalTerms(lease)
  const acquiredAtMs = instant(lease.acquired_at) ?? known?.acquiredAtMs ?? clockMs
  const lastBeatAtMs = instant(lease.heartbeat_at) ?? acquiredAtMs
  const safeUntilMs = later(lastBeatAtMs, terms.ttlMs)
  return {
    ...terms,
    leaseId: journalLeaseId(lease),
    token: known?.token ?? tokenAt(place),
    holder: lease.holder,
    workTree: null,
    process: journalProcess(lease),
    children: [],
    runId: lease.run_id,
    requestId: null,
    requestKey: null,
    place,
    acquiredAtMs,
    ownedSinceMs: known?.ownedSinceMs ?? acquiredAtMs,
    lastBeatAtMs,
    safeUntilMs,
    expiresAtMs: later(safeUntilMs, terms.graceMs),
    activity: null,
    exit: null,
    progress: null,
    metadata: null,
    claim: null,
  }
}

function instant(stamp: string | null): EpochMs | null {
  const atMs = stamp === null ? null : parseStamp(stamp)
  return atMs === null ? null : EpochMs.parse(atMs)
}

function named<T extends z.ZodType>(schema: T, value: unknown): z.output<T> | null {
  const parsed = schema.safeParse(value)
  return parsed.success ? parsed.data : null
}

/** Globs that we cannot read stay as they are: they count as all paths, so that nothing is granted beside them. */
function normalised(tree: string[]): string[] {
  const parsed = parseRegion(tree, { caseSensitive: false })
  return parsed.ok ? [...parsed.region.globs] : tree
}
