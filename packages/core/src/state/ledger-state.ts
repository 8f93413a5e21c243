import { DEFAULT_CONFIGURATION, type Configuration } from '../configuration.ts'
import type { EventType } from '../events.ts'
import type { EpochMs, EventId, Kind, Lane, LeaseId, LedgerId, Revision, RunId } from '../ids.ts'
import { ExpiringMap } from './expiring-map.ts'
import { LayeredMap } from './layered-map.ts'
import { LayeredMultiMap } from './layered-multi-map.ts'
import type { Lease } from './lease.ts'
import type {
  DrainingEntry,
  HaltEntry,
  RememberedAttempt,
  RememberedRefusal,
  RememberedRequest,
  RunWork,
  SpawnEntry,
  Ticket,
} from './entries.ts'
import { RegionIndex } from './region-index.ts'

/** Revisions of unreadable entries that the state names; beyond it only their number grows. */
export const UNREADABLE_NAMED_MAX = 100

/** How many events of each type were folded. CHECKPOINTs are not counted. */
export type EventCounts = Record<Exclude<EventType, 'CHECKPOINT'>, number>

/**
 * The fold of a ledger. It belongs to whoever folds it: `evolve` changes it in place, so keep a `fork` to keep a
 * branch point. Everything in it is bounded by what is live or lies within a window of the configuration.
 */
export interface LedgerState {
  /** `null` before genesis. */
  ledgerId: LedgerId | null
  /** Events of another ledger, or events before any genesis, were seen: this is the wrong log. */
  foreign: boolean
  /** Revision of the newest entry folded; -1 for none. */
  head: Revision | -1
  /** Newest `recordedAt` of an event that is no CHECKPOINT: the log's own time. */
  clockMs: EpochMs
  offset: number
  clockOffset: number
  minWriter: number
  /** The store that continues this ledger. */
  movedTo: string | null
  config: Configuration
  counts: EventCounts
  unrecognisedCount: number
  /** Entries that stop writers: newer or unparseable, and not skipped by an operator. */
  unreadable: readonly Revision[]
  unreadableMore: number
  leases: LayeredMap<LeaseId, Lease>
  /** Indexes over `leases`. */
  byLane: LayeredMultiMap<Lane, LeaseId>
  byKind: LayeredMultiMap<Kind, LeaseId>
  regions: RegionIndex<LeaseId>
  draining: ExpiringMap<string, DrainingEntry>
  tickets: ExpiringMap<string, Ticket>
  halts: ExpiringMap<EventId, HaltEntry>
  spawns: ExpiringMap<string, SpawnEntry>
  requests: ExpiringMap<string, RememberedRequest>
  refusals: ExpiringMap<string, RememberedRefusal>
  attempts: ExpiringMap<string, RememberedAttempt>
  runs: ExpiringMap<RunId, RunWork>
}

/** The fold of no events. */
export function initialState(): LedgerState {
  return {
    ledgerId: null,
    foreign: false,
    head: -1,
    clockMs: 0 as EpochMs,
    offset: 0,
    clockOffset: 0,
    minWriter: 1,
    movedTo: null,
    config: DEFAULT_CONFIGURATION,
    counts: noCounts(),
    unrecognisedCount: 0,
    unreadable: [],
    unreadableMore: 0,
    leases: new LayeredMap(),
    byLane: new LayeredMultiMap(),
    byKind: new LayeredMultiMap(),
    regions: new RegionIndex(),
    draining: new ExpiringMap(),
    tickets: new ExpiringMap(),
    halts: new ExpiringMap(),
    spawns: new ExpiringMap(),
    requests: new ExpiringMap(),
    refusals: new ExpiringMap(),
    attempts: new ExpiringMap(),
    runs: new ExpiringMap(),
  }
}

export function noCounts(): EventCounts {
  return { ACQUIRE: 0, RELEASE: 0, HEARTBEAT: 0, ADOPT: 0, HALT: 0, SPAWN: 0, SCAVENGE: 0, REFUSE: 0 }
}

/** Remembers an entry that stops writers, by name while there is room. */
export function noteUnreadable(state: LedgerState, revision: Revision): void {
  if (state.unreadable.length < UNREADABLE_NAMED_MAX) state.unreadable = [...state.unreadable, revision]
  else state.unreadableMore += 1
}

/** A branch of `state` in O(1). `state` must not be evolved while the branch is in use. */
export function fork(state: LedgerState): LedgerState {
  return {
    ...state,
    counts: { ...state.counts },
    leases: state.leases.fork(),
    byLane: state.byLane.fork(),
    byKind: state.byKind.fork(),
    regions: state.regions.fork(),
    draining: state.draining.fork(),
    tickets: state.tickets.fork(),
    halts: state.halts.fork(),
    spawns: state.spawns.fork(),
    requests: state.requests.fork(),
    refusals: state.refusals.fork(),
    attempts: state.attempts.fork(),
    runs: state.runs.fork(),
  }
}

/** The live set in the order of its ACQUIREs, expired leases included. */
export function liveLeases(state: LedgerState): Lease[] {
  return [...state.leases.values()].sort((a, b) => a.place - b.place)
}
