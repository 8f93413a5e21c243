import * as z from 'zod'
import type { CheckpointData } from '../events.ts'
import { EpochMs, Revision, RunId, type LeaseId } from '../ids.ts'
import type { ExpiringMap } from './expiring-map.ts'
import { Lease } from './lease.ts'
import { initialState, liveLeases, type LedgerState } from './ledger-state.ts'
import { addLease } from './live-set.ts'
import {
  DrainingEntry,
  HaltEntry,
  RememberedAttempt,
  RememberedRefusal,
  RememberedRequest,
  RunWork,
  SpawnEntry,
  Ticket,
} from './memory.ts'

const count = z.int().nonnegative()

const keyed = <V extends z.ZodType>(value: V) => z.array(z.tuple([z.string(), value])).default([])

/**
 * The state of a CHECKPOINT as JSON: all of the fold that does not stand in the CHECKPOINT's own fields. Entries that
 * have ended by the log's clock are left out; they could answer nothing any more.
 */
export const StateSnapshot = z.object({
  clockMs: EpochMs.default(0 as EpochMs),
  counts: z
    .object({
      ACQUIRE: count,
      RELEASE: count,
      HEARTBEAT: count,
      ADOPT: count,
      HALT: count,
      SPAWN: count,
      SCAVENGE: count,
      REFUSE: count,
    })
    .optional(),
  unrecognisedCount: count.default(0),
  unreadable: z.array(Revision).default([]),
  unreadableMore: count.default(0),
  leases: z.array(Lease).default([]),
  draining: keyed(DrainingEntry),
  tickets: keyed(Ticket),
  halts: keyed(HaltEntry),
  spawns: keyed(SpawnEntry),
  requests: keyed(RememberedRequest),
  refusals: keyed(RememberedRefusal),
  attempts: keyed(RememberedAttempt),
  runs: z.array(z.tuple([RunId, RunWork])).default([]),
})
export type StateSnapshot = z.infer<typeof StateSnapshot>

/** Writes the state down; the lists are sorted, so equal states give equal snapshots. */
export function snapshotState(state: LedgerState): StateSnapshot {
  const { clockMs } = state
  return {
    clockMs,
    counts: { ...state.counts },
    unrecognisedCount: state.unrecognisedCount,
    unreadable: [...state.unreadable],
    unreadableMore: state.unreadableMore,
    leases: liveLeases(state),
    draining: sorted(state.draining, clockMs),
    tickets: sorted(state.tickets, clockMs),
    halts: sorted(state.halts, clockMs),
    spawns: sorted(state.spawns, clockMs),
    requests: sorted(state.requests, clockMs),
    refusals: sorted(state.refusals, clockMs),
    attempts: sorted(state.attempts, clockMs),
    runs: sorted(state.runs, clockMs),
  }
}

/** The state that a CHECKPOINT resets the fold to, without its own revision; `null` when it cannot be read. */
export function restoreState(checkpoint: CheckpointData): LedgerState | null {
  if (checkpoint.state.carrier !== 'inline') return null
  const parsed = StateSnapshot.safeParse(checkpoint.state.value)
  if (!parsed.success || repeats(parsed.data.leases.map(({ leaseId }) => leaseId))) return null
  const snapshot = parsed.data
  const state: LedgerState = {
    ...initialState(),
    ledgerId: checkpoint.ledgerId,
    offset: checkpoint.offset,
    clockOffset: checkpoint.clockOffset,
    minWriter: checkpoint.minWriter,
    movedTo: checkpoint.movedTo ?? null,
    config: checkpoint.config,
    clockMs: snapshot.clockMs,
    unrecognisedCount: snapshot.unrecognisedCount,
    unreadable: snapshot.unreadable,
    unreadableMore: snapshot.unreadableMore,
  }
  if (snapshot.counts !== undefined) state.counts = snapshot.counts
  for (const lease of snapshot.leases) addLease(state, lease)
  fill(state.draining, snapshot.draining)
  fill(state.tickets, snapshot.tickets)
  fill(state.requests, snapshot.requests)
  fill(state.refusals, snapshot.refusals)
  fill(state.attempts, snapshot.attempts)
  fill(state.runs, snapshot.runs)
  fill(state.spawns, snapshot.spawns)
  for (const [, halt] of snapshot.halts) state.halts.set(halt.eventId, halt, snapshot.clockMs)
  return state
}

type Entries<K, V> = [K, V][]

function sorted<K extends string, V extends { readonly untilMs: number }>(
  map: ExpiringMap<K, V>,
  nowMs: number,
): Entries<K, V> {
  return [...map.live(nowMs)].sort(([a], [b]) => (a < b ? -1 : 1))
}

function fill<K extends string, V extends { readonly untilMs: number }>(
  map: ExpiringMap<K, V>,
  entries: readonly (readonly [K, V])[],
): void {
  for (const [key, value] of entries) map.set(key, value, Number.NEGATIVE_INFINITY)
}

function repeats(ids: readonly LeaseId[]): boolean {
  return new Set(ids).size !== ids.length
}
