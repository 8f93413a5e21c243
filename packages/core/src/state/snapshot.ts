import type { CheckpointData } from '../checkpoint-event.ts'
import type { LeaseId } from '../ids.ts'
import { StoredState } from '../stored-shapes.ts'
import type { Expiring, ExpiringMap } from './expiring-map.ts'
import { initialState, type LedgerState } from './ledger-state.ts'
import { addLease } from './live-set.ts'
import type { StateSnapshot } from './state-snapshot.ts'

/** A state as it stood, in no order: what folding on does not change. */
export type KeptState = StateSnapshot & { readonly sorted: false }

/** Writes the state down; the lists are sorted, so equal states give equal snapshots. */
export function snapshotState(state: LedgerState): StateSnapshot {
  return snapshotOf(keepState(state))
}

/**
 * Keeps a state as it is now, while the fold goes on: lists of what it holds, and nothing of that is ever changed in
 * place. As cheap as going through it once; the order, which costs more, is for `snapshotOf`.
 */
export function keepState(state: LedgerState): KeptState {
  const { clockMs } = state
  return {
    sorted: false,
    clockMs,
    counts: { ...state.counts },
    unrecognisedCount: state.unrecognisedCount,
    unreadable: [...state.unreadable],
    unreadableMore: state.unreadableMore,
    leases: [...state.leases.values()],
    draining: [...state.draining.kept(clockMs)],
    tickets: [...state.tickets.kept(clockMs)],
    halts: [...state.halts.kept(clockMs)],
    spawns: [...state.spawns.kept(clockMs)],
    requests: [...state.requests.kept(clockMs)],
    refusals: [...state.refusals.kept(clockMs)],
    attempts: [...state.attempts.kept(clockMs)],
    runs: [...state.runs.kept(clockMs)],
  }
}

/** The snapshot of a state that was kept. */
export function snapshotOf({ sorted: _, ...kept }: KeptState): StateSnapshot {
  return {
    ...kept,
    leases: kept.leases.toSorted((a, b) => a.place - b.place),
    draining: sorted(kept.draining),
    tickets: sorted(kept.tickets),
    halts: sorted(kept.halts),
    spawns: sorted(kept.spawns),
    requests: sorted(kept.requests),
    refusals: sorted(kept.refusals),
    attempts: sorted(kept.attempts),
    runs: sorted(kept.runs),
  }
}

/** How many entries the state holds, about: ended ones that await a sweep included. */
export function entriesIn(state: LedgerState): number {
  const { draining, tickets, halts, spawns, requests, refusals, attempts, runs } = state
  const maps = [draining, tickets, halts, spawns, requests, refusals, attempts, runs]
  return maps.reduce((sum, { keptCount }) => sum + keptCount, state.leases.size)
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

function sorted<K extends string, V>(entries: Entries<K, V>): Entries<K, V> {
  return entries.toSorted(([a], [b]) => (a < b ? -1 : 1))
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
