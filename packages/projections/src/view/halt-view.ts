import {
  EpochMs,
  EventId,
  Lane,
  LeaseId,
  Revision,
  RunId,
  Token,
  type HaltEntry,
  type LedgerState,
} from '@holdfast/core'
import * as z from 'zod'
import { Instant, instantOf } from './instant.ts'

/** How long a stop intent may stay unconfirmed before it counts as overdue, unless a policy says otherwise. */
export const HALT_OVERDUE_MS = 60_000

/**
 * How far a stop intent got:
 * - `unmatched`: it was bound to no lease when decided, so nobody enacts it;
 * - `pending`, `enacted`, `confirmed`: recorded, taken up by the holder's beat, the holder has released;
 * - `overdue`: its lease lives on under the same token, unconfirmed for longer than the policy allows;
 * - `ended`: its lease ended, or changed hands, without confirming it.
 */
export const HaltStatus = z.enum(['unmatched', 'pending', 'enacted', 'confirmed', 'overdue', 'ended'])
export type HaltStatus = z.infer<typeof HaltStatus>

export const HaltView = z.object({
  eventId: EventId,
  revision: Revision,
  handle: z.string(),
  status: HaltStatus,
  lane: Lane.nullable(),
  leaseId: LeaseId.nullable(),
  token: Token.nullable(),
  runId: RunId.nullable(),
  reason: z.string(),
  command: z.string().nullable(),
  haltedAtMs: EpochMs,
  enactedAtMs: EpochMs.nullable(),
  confirmedAtMs: EpochMs.nullable(),
})
export type HaltView = Readonly<z.infer<typeof HaltView>>

/** The stop intents that the ledger remembers at `nowMs`, oldest first. */
export function haltViews(state: LedgerState, nowMs: EpochMs, overdueMs: number = HALT_OVERDUE_MS): HaltView[] {
  return [...state.halts.live(nowMs)]
    .map(([, { untilMs: _, ...entry }]) => ({ ...entry, status: haltStatus(state, entry, nowMs - overdueMs) }))
    .sort((a, b) => a.revision - b.revision)
}

/** The stop intents that a live lease has still to obey: recorded or taken up, and not confirmed by a release. */
export function pendingHalts(state: LedgerState, nowMs: EpochMs): HaltView[] {
  return haltViews(state, nowMs).filter(
    ({ status }) => status === 'pending' || status === 'enacted' || status === 'overdue',
  )
}

type Halt = Omit<HaltEntry, 'untilMs'>

function haltStatus(state: LedgerState, halt: Halt, overdueIfBeforeMs: number): HaltStatus {
  if (halt.confirmedAtMs !== null) return 'confirmed'
  if (halt.leaseId === null) return 'unmatched'
  // A lease that was named without being live then was bound at no token.
  if (state.leases.get(halt.leaseId)?.token !== halt.token) return halt.token === null ? 'unmatched' : 'ended'
  if (halt.haltedAtMs <= overdueIfBeforeMs) return 'overdue'
  return halt.enactedAtMs === null ? 'pending' : 'enacted'
}

export const HaltJson = z.object({
  ...HaltView.omit({ haltedAtMs: true, enactedAtMs: true, confirmedAtMs: true }).shape,
  haltedAt: Instant,
  enactedAt: Instant.nullable(),
  confirmedAt: Instant.nullable(),
})
export type HaltJson = Readonly<z.infer<typeof HaltJson>>

export function haltJson({ haltedAtMs, enactedAtMs, confirmedAtMs, ...same }: HaltView): HaltJson {
  return {
    ...same,
    haltedAt: instantOf(haltedAtMs),
    enactedAt: enactedAtMs === null ? null : instantOf(enactedAtMs),
    confirmedAt: confirmedAtMs === null ? null : instantOf(confirmedAtMs),
  }
}
