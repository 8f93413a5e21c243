import type { RecordedEvent } from '../events.ts'
import { stopsWriters, type LogEntry, type UnrecognisedEntry } from '../log-entry.ts'
import { initialState, noCounts, noteUnreadable, type LedgerState } from '../state/ledger-state.ts'
import { evolveCheckpoint } from './checkpoint.ts'
import { evolveHalt, evolveRefuse, evolveSpawn } from './intents.ts'
import { evolveAcquire, evolveAdopt, evolveHeartbeat, evolveRelease, evolveScavenge } from './ownership.ts'

/**
 * Folds one entry into `state`, in place, and returns it. Total: it never throws, whatever the entry says. An entry at
 * or below the head was folded already and changes nothing. The log's time never goes back: an entry that is stamped
 * earlier than one before it counts as recorded with that one. Costs O(1) in the number of live leases, a CHECKPOINT
 * apart (linear in its state). Law 1.
 */
export function evolve(state: LedgerState, entry: LogEntry): LedgerState {
  // From JavaScript anything may come, and none of it is an entry.
  if (!isObject(entry)) return evolveUnplaced(state)
  if (entry.type === 'UNRECOGNISED' && entry.unplaced === true) return evolveUnplaced(state)
  // A revision that no event can have changes nothing either: it would stand in the state, which no reader could take.
  if (!(entry.revision > state.head) || !Number.isSafeInteger(entry.revision)) return state
  if (entry.type === 'CHECKPOINT') return evolveCheckpoint(state, entry)
  state.head = entry.revision
  if (entry.type === 'UNRECOGNISED') return evolveUnrecognised(state, entry)
  if (!isOperation(entry.type)) return evolveUnread(state)
  if (state.ledgerId === null) noteMissingGenesis(state)
  state.counts[entry.type] += 1
  if (entry.recordedAt < state.clockMs) return evolveOperation(state, { ...entry, recordedAt: state.clockMs })
  state.clockMs = entry.recordedAt
  return evolveOperation(state, entry)
}

/** The fold of `entries` onto `onto` (which it consumes), or onto the empty ledger. */
export function fold(entries: Iterable<LogEntry>, onto: LedgerState = initialState()): LedgerState {
  let state = onto
  for (const entry of entries) state = evolve(state, entry)
  return state
}

type Operation = Exclude<RecordedEvent, { readonly type: 'CHECKPOINT' }>

function evolveOperation(state: LedgerState, event: Operation): LedgerState {
  switch (event.type) {
    case 'ACQUIRE':
      return evolveAcquire(state, event)
    case 'RELEASE':
      return evolveRelease(state, event)
    case 'HEARTBEAT':
      return evolveHeartbeat(state, event)
    case 'ADOPT':
      return evolveAdopt(state, event)
    case 'SCAVENGE':
      return evolveScavenge(state, event)
    case 'HALT':
      return evolveHalt(state, event)
    case 'SPAWN':
      return evolveSpawn(state, event)
    case 'REFUSE':
      return evolveRefuse(state, event)
  }
}

function evolveUnrecognised(state: LedgerState, entry: UnrecognisedEntry): LedgerState {
  state.unrecognisedCount += 1
  if (state.ledgerId === null && entry.raw.type !== 'CHECKPOINT') noteMissingGenesis(state)
  if (entry.raw.type !== 'CHECKPOINT' && Number.isSafeInteger(entry.recordedAt) && entry.recordedAt > state.clockMs) {
    state.clockMs = entry.recordedAt
  }
  if (stopsWriters(entry)) noteUnreadable(state, entry.revision)
  return state
}

/** An entry that has no revision and no place in its store: nobody knows what it would say, so it stops writers too. */
function evolveUnplaced(state: LedgerState): LedgerState {
  state.unrecognisedCount += 1
  state.unreadableMore += 1
  return state
}

/** An entry that did not come through `parseEntry`, of a type that there is not. */
function evolveUnread(state: LedgerState): LedgerState {
  state.unrecognisedCount += 1
  if (state.head !== -1) noteUnreadable(state, state.head)
  return state
}

function isObject(given: unknown): boolean {
  return typeof given === 'object' && given !== null
}

function isOperation(type: unknown): boolean {
  return typeof type === 'string' && OPERATIONS.has(type)
}

const OPERATIONS: ReadonlySet<string> = new Set(Object.keys(noCounts()))

/** What follows a genesis that only a newer program can read belongs to a ledger; what follows none is another log. */
function noteMissingGenesis(state: LedgerState): void {
  if (state.unreadable.length === 0) state.foreign = true
}
