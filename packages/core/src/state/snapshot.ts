import type { CheckpointData } from '../checkpoint-event.ts'
import type { LeaseId } from '../ids.ts'
import { StoredState } from '../stored-shapes.ts'
import type { Expiring, ExpiringMap } from './expiring-map.ts'
import { initialState, liveLeases, type LedgerState } from './ledger-state.ts'
import { addLease } from './live-set.ts'
import type { StateSnapshot } from './state-snapshot.ts'

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
  const parsed = StoredState.safeParse(checkpoint.state.value)
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

function sorted<K extends string, V extends Expiring>(map: ExpiringMap<K, V>, nowMs: number): Entries<K, V> {
  return [...map.kept(nowMs)].sort(([a], [b]) => (a < b ? -1 : 1))
}

function fill<K extends string, V extends Expiring>(
  map: ExpiringMap<K, V>,
  entries: readonly (readonly [K, V])[],
): void {
  for (const [key, value] of entries) map.set(key, value, Number.NEGATIVE_INFINITY)
}

function repeats(ids: readonly LeaseId[]): boolean {
  return new Set(ids).size !== ids.length
}
