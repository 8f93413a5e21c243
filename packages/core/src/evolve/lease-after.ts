import type { EventData, RecordedEvent } from '../events.ts'
import { later, tokenAt, type EpochMs, type Revision } from '../ids.ts'
import type { Lease } from '../state/lease.ts'
import { requestKey } from '../state/entry-keys.ts'

// What an event makes of one lease: for the fold, and for a decision that answers with the lease before it is folded.

/** One list for all leases without children: there may be a million of them. Nothing in the state is changed in place. */
const NO_CHILDREN: Lease['children'] = []

/** Where and when an ACQUIRE is recorded; `place`: of the live lease that it replaces, else its own revision. */
interface Recorded {
  readonly revision: Revision
  readonly recordedAt: EpochMs
  readonly place: Revision
}

export function leaseAcquired(data: EventData<'ACQUIRE'>, { revision, recordedAt, place }: Recorded): Lease {
  const safeUntilMs = later(recordedAt, data.ttlMs)
  return {
    leaseId: data.leaseId,
    lane: data.lane,
    token: tokenAt(revision),
    holder: data.holder,
    kind: data.kind,
    mode: data.mode,
    region: data.region,
    workTree: data.workTree ?? null,
    ttlMs: data.ttlMs,
    graceMs: data.graceMs,
    process: data.process,
    children: data.children ?? NO_CHILDREN,
    runId: data.runId ?? null,
    attempt: data.attempt,
    maxAttempts: data.maxAttempts,
    reap: data.reap,
    requestId: data.requestId ?? null,
    requestKey: data.requestId === undefined ? null : requestKey(data.holder, data.requestId),
    place,
    acquiredAtMs: recordedAt,
    ownedSinceMs: recordedAt,
    lastBeatAtMs: recordedAt,
    safeUntilMs,
    expiresAtMs: later(safeUntilMs, data.graceMs),
    activity: null,
    exit: null,
    progress: null,
    metadata: null,
    claim: null,
  }
}

export function leaseBeaten(lease: Lease, data: EventData<'HEARTBEAT'>, recordedAt: EpochMs): Lease {
  const safeUntilMs = later(recordedAt, grantedByBeat(lease, data))
  return {
    ...lease,
    lastBeatAtMs: recordedAt > lease.lastBeatAtMs ? recordedAt : lease.lastBeatAtMs,
    safeUntilMs: latest(lease.safeUntilMs, safeUntilMs),
    expiresAtMs: latest(lease.expiresAtMs, later(safeUntilMs, lease.graceMs)),
    activity: data.activity ?? null,
    // The finalisation grace counts from the first record of an exit.
    exit: data.exit === undefined ? lease.exit : { status: data.exit, atMs: lease.exit?.atMs ?? recordedAt },
    children: data.children ?? lease.children,
    progress: data.progress ?? lease.progress,
    metadata: data.metadata ?? lease.metadata,
  }
}

type Adoption = Pick<RecordedEvent<'ADOPT'>, 'data' | 'revision' | 'recordedAt'>

export function leaseAdopted(lease: Lease, { data, revision, recordedAt }: Adoption): Lease {
  const safeUntilMs = later(recordedAt, lease.ttlMs)
  return {
    ...lease,
    token: tokenAt(revision),
    holder: data.newHolder,
    process: data.process,
    requestId: null,
    requestKey: null,
    ownedSinceMs: recordedAt,
    lastBeatAtMs: recordedAt,
    safeUntilMs,
    expiresAtMs: later(safeUntilMs, lease.graceMs),
    activity: null,
    exit: null,
    progress: null,
    metadata: null,
    claim: data.claim ?? null,
  }
}

/** How long a beat keeps its lease by the holder's reckoning: without the grace. */
export function grantedByBeat(lease: Lease, { activity }: EventData<'HEARTBEAT'>): number {
  return Math.max(lease.ttlMs, activity?.grantedMs ?? 0)
}

function latest(a: EpochMs, b: EpochMs): EpochMs {
  return a > b ? a : b
}
