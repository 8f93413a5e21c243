import { EpochMs, isExpired, LedgerId, Revision, type LedgerState } from '@holdfast/core'
import { closedToGrants, UNREADABLE_NAMED_MAX } from '@holdfast/core/internal'
import * as z from 'zod'
import { Instant, instantOf } from './instant.ts'
import type { Folded } from './lease-view.ts'

const count = z.int().nonnegative()

/** A ledger at a glance. */
export const StatusView = z.object({
  ledgerId: LedgerId.nullable(),
  /** -1 for an empty log. */
  head: z.union([Revision, z.literal(-1)]),
  /** The log clock, and the newest event's own time. */
  nowMs: EpochMs,
  clockMs: EpochMs,
  /** Why nothing new is granted here, in a sentence; `null` when writers are welcome. */
  closed: z.object({ code: z.string(), message: z.string() }).nullable(),
  foreign: z.boolean(),
  movedTo: z.string().nullable(),
  minWriter: z.int().min(1),
  live: count,
  expired: count,
  draining: count,
  waiting: count,
  halts: count,
  spawning: count,
  counts: z.object({
    ACQUIRE: count,
    RELEASE: count,
    HEARTBEAT: count,
    ADOPT: count,
    HALT: count,
    SPAWN: count,
    SCAVENGE: count,
    REFUSE: count,
  }),
  unrecognised: count,
  /** Revisions that stop writers until an operator decides, the first of them named. */
  unreadable: z.array(Revision).max(UNREADABLE_NAMED_MAX + 1),
  unreadableMore: count,
})
export type StatusView = Readonly<z.infer<typeof StatusView>>

export function statusView(state: LedgerState, nowMs: EpochMs): StatusView {
  const closed = closedToGrants(state)
  return {
    ledgerId: state.ledgerId,
    head: state.head,
    nowMs,
    clockMs: state.clockMs,
    closed: closed === null ? null : { code: closed.code, message: closed.message },
    foreign: state.foreign,
    movedTo: state.movedTo,
    minWriter: state.minWriter,
    live: state.leases.size,
    expired: sizeOf(state.leases.values(), lease => isExpired(lease, nowMs)),
    draining: sizeOf(state.draining.live(nowMs)),
    waiting: sizeOf(state.tickets.live(nowMs)),
    halts: sizeOf(state.halts.live(nowMs)),
    spawning: sizeOf(state.spawns.live(nowMs)),
    counts: { ...state.counts },
    unrecognised: state.unrecognisedCount,
    unreadable: [...state.unreadable],
    unreadableMore: state.unreadableMore,
  }
}

function sizeOf<T>(members: Iterable<T>, counts: (member: T) => boolean = () => true): number {
  let size = 0
  for (const member of members) if (counts(member)) size += 1
  return size
}

export const StatusJson = z.object({
  ...StatusView.omit({ nowMs: true, clockMs: true }).shape,
  now: Instant,
  clock: Instant,
})
export type StatusJson = Readonly<z.infer<typeof StatusJson>>

export function statusJson({ nowMs, clockMs, ...same }: StatusView): StatusJson {
  return { ...same, now: instantOf(nowMs), clock: instantOf(clockMs) }
}

/** The ledger at a glance. */
export function queryStatus({ state }: Folded, nowMs: EpochMs): StatusView {
  return statusView(state, nowMs)
}
