import type { EpochMs, Lease } from '@holdfast/core'
import type { HaltView, LeaseLiveness } from '@holdfast/projections'
import * as z from 'zod'
import type { Cause } from './cause.ts'
import type { PlainKind } from './rules.ts'

/** A cause that lasts and was told. */
export const Open = z.object({
  sinceMs: z.number(),
  /** Whether the log and time alone show it, so that an event shows its end as well. */
  byLog: z.boolean(),
})
export type Open = z.infer<typeof Open>

/** All that is seen of a ledger at one instant: the log, time and probes. */
export interface Sight {
  readonly nowMs: EpochMs
  readonly leases: readonly LeaseLiveness[]
  readonly halts: readonly HaltView[]
  /** Of leases that beat without an event of work: whether anything else shows work. Absent: nobody looked. */
  readonly idle: ReadonlyMap<string, 'yes' | 'no' | 'unknown'>
}

/** Whether something is so now. `unknown` begins nothing and ends nothing. */
export interface Condition {
  readonly key: string
  readonly truth: 'yes' | 'unknown'
  /** Whether the log and time alone show it. */
  readonly byLog: boolean
  /** Whether looks alone begin it; else the entries do as well. */
  readonly byLooks: boolean
  readonly cause: Cause
}

/** All that is so, or may be, in what was seen. */
export function* conditionsOf({ leases, halts, idle }: Sight, openAt: OpenAt): IterableIterator<Condition> {
  for (const lease of leases) {
    if (lease.expired) yield expiry(lease)
    yield* stall(lease, openAt)
    yield* spin(lease, idle.get(lease.leaseId))
    yield* orphan(lease, openAt)
  }
  const live = new Map(leases.map(lease => [lease.leaseId as string, lease]))
  for (const halt of halts) {
    const lease = live.get(halt.leaseId ?? '')
    if (halt.status === 'overdue' && lease !== undefined) yield overdue(halt, lease)
  }
}

type OpenAt = (key: string) => Open | undefined

type Named = Pick<Lease, 'leaseId' | 'token' | 'lane' | 'holder' | 'runId'>

export function expiry(lease: Named & { readonly expiresAtMs: number }): Condition {
  const reason = 'its lease has expired, and nobody has ended it yet'
  return shown('expired', lease, { sinceMs: lease.expiresAtMs, reason })
}

export function overdue(halt: HaltView, lease: Named): Condition {
  const reason = `it was asked to stop and has not confirmed it (${halt.reason === '' ? halt.handle : halt.reason})`
  const found = shown('halt-overdue', lease, { sinceMs: halt.haltedAtMs, reason })
  const subject = `halt r${halt.revision}`
  return { ...found, key: subject, cause: { ...found.cause, subject, revision: halt.revision } }
}

function* stall(lease: LeaseLiveness, openAt: OpenAt): IterableIterator<Condition> {
  const found = seen('stalled', lease, { byLog: lease.basis !== 'process-gone', reason: lease.reason })
  if (lease.verdict === 'STALLED') yield found
  // Its process was seen to be gone, and now nobody can tell: that brings nobody back.
  else if (lease.process === 'unknown' && openAt(found.key)?.byLog === false) yield { ...found, truth: 'unknown' }
}

function* spin(lease: LeaseLiveness, idle: 'yes' | 'no' | 'unknown' | undefined): IterableIterator<Condition> {
  const found = seen('spinning', lease, { byLog: false, reason: lease.reason })
  if (lease.verdict === 'UNKNOWN') yield { ...found, truth: 'unknown' }
  if (lease.verdict !== 'SPINNING' || idle === 'no') return
  yield idle === 'yes' ? found : { ...found, truth: 'unknown' }
}

function* orphan(lease: LeaseLiveness, openAt: OpenAt): IterableIterator<Condition> {
  const reason = 'its process is gone, and what it has started still runs'
  const found = seen('orphan', lease, { byLog: false, reason })
  if (lease.process === 'dead' && lease.children.includes('alive')) yield found
  const isDoubtful = lease.process === 'unknown' || (lease.process === 'dead' && lease.children.includes('unknown'))
  if (isDoubtful && openAt(found.key) !== undefined) yield { ...found, truth: 'unknown' }
}

/** What the log and time show. */
export function shown(
  kind: PlainKind,
  { lane, holder, leaseId, token, runId }: Named,
  { sinceMs, reason }: { readonly sinceMs: number; readonly reason: string },
): Condition {
  const subject = keyOf(kind, { leaseId, token })
  const cause = {
    kind,
    spanMs: null,
    subject,
    sinceMs,
    spell: 0,
    lanes: [lane],
    holder,
    leaseId,
    token,
    runId,
    revision: null,
    reason,
  }
  return { key: subject, truth: 'yes', byLog: true, byLooks: false, cause }
}

/** What looks show; since when, the first of them says. */
function seen(
  kind: PlainKind,
  lease: Named,
  { byLog, reason }: { readonly byLog: boolean; readonly reason: string },
): Condition {
  return { ...shown(kind, lease, { sinceMs: 0, reason }), byLog, byLooks: true }
}

export function keyOf(kind: PlainKind, { leaseId, token }: Pick<Lease, 'leaseId' | 'token'>): string {
  return `${kind} ${leaseId}@${token}`
}
